import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Field, FormDialog, Input, Select } from "@/ui";
import { failureOf } from "./failure";
import { KubeconfigFields, useKubeconfig } from "./KubeconfigFields";
import { useConnectCluster, useDeleteCluster, useUpdateCluster } from "./queries";

/**
 * Connects a cluster. One that does not answer is not kept: the next try corrects it, and closing the dialog takes it
 * back, unless the person wants to keep it.
 */
export function ConnectDialog({
  onClose,
  onConnected,
}: {
  onClose: () => void;
  onConnected: (cluster: Cluster) => void;
}) {
  const connect = useConnectCluster();
  const correct = useUpdateCluster();
  const takeBack = useDeleteCluster();
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "admin"));
  const [name, setName] = useState("");
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [draft, change] = useKubeconfig();
  const [tried, setTried] = useState(false);
  /** The cluster of the last try, which did not answer. */
  const [failed, setFailed] = useState<Cluster | null>(null);
  const called = name.trim() || slug(draft.config.current ?? "");
  const busy = connect.isPending || correct.isPending;
  const error = failed ? correct.error : connect.error;
  const problem = error && !busy ? asProblem(error) : null;
  const submit = () => {
    setTried(true);
    if (busy || !draft.credentials || !called) return;
    const given = { name: called, ...draft.credentials };
    const onSuccess = (cluster: Cluster) => (cluster.state === "failed" ? setFailed(cluster) : onConnected(cluster));
    if (failed) correct.mutate({ id: failed.id, ...given }, { onSuccess });
    else connect.mutate({ ...given, ...(teams.length > 1 ? { team } : {}) }, { onSuccess });
  };
  const close = () => {
    if (busy) return;
    if (failed) takeBack.mutate(failed.id);
    onClose();
  };
  const summary = problem?.besides(["name", "kubeconfig", "context"]);
  const failure = failed && !problem && !busy ? failureOf(failed) : null;
  return (
    <FormDialog
      size="lg"
      title="Connect a cluster"
      description="The credentials are stored encrypted and used only by this server. Connecting changes nothing in the cluster."
      onSubmit={submit}
      submit={busy ? "Connecting" : failed ? "Try again" : "Connect"}
      busy={busy}
      onClose={close}
      failure={
        failure
          ? {
              ...failure,
              cure: "Nothing is kept until it answers. Correct the kubeconfig and try again.",
              action: failed && (
                <Button size="sm" onClick={() => onConnected(failed)}>
                  Keep it anyway
                </Button>
              ),
            }
          : problem &&
            summary && { title: "The cluster was not connected", reason: summary, details: problem.describe() }
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
      {teams.length > 1 && !failed && (
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
