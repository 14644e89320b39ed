import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Field, FormDialog, Input, Select } from "@/ui";
import { KubeconfigFields, useKubeconfig } from "./KubeconfigFields";
import { useConnectCluster } from "./queries";

/** Connects a cluster; one that does not answer is not stored, and the reason stands at its kubeconfig. */
export function ConnectDialog({
  onClose,
  onConnected,
}: {
  onClose: () => void;
  onConnected: (cluster: Cluster) => void;
}) {
  const connect = useConnectCluster();
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "admin"));
  const [name, setName] = useState("");
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [draft, change] = useKubeconfig();
  const [tried, setTried] = useState(false);
  const called = name.trim() || slug(draft.config.current ?? "");
  const problem = connect.error ? asProblem(connect.error) : null;
  const submit = () => {
    setTried(true);
    if (connect.isPending || !draft.credentials || !called) return;
    connect.mutate(
      { name: called, ...draft.credentials, ...(teams.length > 1 ? { team } : {}) },
      { onSuccess: onConnected },
    );
  };
  const summary = problem?.besides(["name", "kubeconfig", "context"]);
  return (
    <FormDialog
      size="lg"
      title="Connect a cluster"
      description="The credentials are stored encrypted and used only by this server. Connecting changes nothing in the cluster."
      onSubmit={submit}
      submit={connect.isPending ? "Connecting" : "Connect"}
      busy={connect.isPending}
      onClose={onClose}
      failure={
        problem && summary && { title: "The cluster was not connected", reason: summary, details: problem.describe() }
      }
    >
      <KubeconfigFields
        draft={draft}
        onChange={change}
        required
        error={
          problem?.of("kubeconfig") ??
          problem?.of("context") ??
          (tried && !draft.text.trim() ? "Choose a file or paste its text." : undefined)
        }
      />
      <Field
        label="Name"
        required
        error={problem?.of("name") ?? (tried && !called ? "Enter a name for the cluster." : undefined)}
      >
        <Input
          mono
          maxLength={63}
          value={name}
          placeholder={called || "staging"}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      {teams.length > 1 && (
        <Field label="Team" help="Members of this team can run workflows in the cluster.">
          <Select
            value={team}
            onChange={setTeam}
            options={teams.map((each) => ({ value: each.id, label: each.name }))}
          />
        </Field>
      )}
    </FormDialog>
  );
}
