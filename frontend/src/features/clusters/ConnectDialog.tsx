import { Plug } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster, ConnectionTest } from "@/contract";
import { slug } from "@/model/names";
import { covers } from "@/model/roles";
import { useSession } from "@/product";
import { Button, Dialog, ErrorState, Field, Input, Select } from "@/ui";
import { GivenFields } from "./connect/GivenFields";
import { TestReport } from "./connect/TestReport";
import { useGiven } from "./connect/useGiven";
import { useConnectCluster, useTryConnection } from "./queries";

const SHOWN = ["name", "kubeconfig", "context", "credentials"];

/** Connects a cluster: the connection is tried step by step first, and one that does not work is not stored. */
export function ConnectDialog({
  onClose,
  onConnected,
}: {
  onClose: () => void;
  onConnected: (cluster: Cluster) => void;
}) {
  const connect = useConnectCluster();
  const test = useTryConnection();
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "admin"));
  const [name, setName] = useState("");
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [tried, setTried] = useState(false);
  const [sent, setSent] = useState(false);
  const draft = useGiven();
  const [asTested, setAsTested] = useState("");
  const called = name.trim() || slug(draft.kubeconfig.config.current ?? "");
  const ofTeam = teams.length > 1 ? { team } : {};
  const error = connect.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const busy = connect.isPending || test.isPending;
  const isAsTested = asTested === JSON.stringify(draft.given);
  const isKnown = isAsTested && test.data !== undefined && isConnectedAlready(test.data);
  const isRefused = isAsTested && problem?.extra.instead !== undefined;
  const trial = async () => {
    setTried(true);
    connect.reset();
    if (busy || !draft.given) return undefined;
    setAsTested(JSON.stringify(draft.given));
    return await test.mutateAsync({ ...draft.given, ...ofTeam }).catch(() => undefined);
  };
  const submit = async () => {
    setSent(true);
    if (!called) return setTried(true);
    const report = await trial();
    if (!report?.ok || !draft.given) return;
    if (isConnectedAlready(report) && !isKnown) return; // it is said first, and asked for once more
    connect.mutate({ name: called, ...draft.given, ...ofTeam }, { onSuccess: onConnected });
  };
  const fields = problem?.errors.every(({ field }) => field?.startsWith("credentials.") || SHOWN.includes(field ?? ""));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title="Connect a cluster"
      description="The credentials are stored encrypted and used only by this server. Connecting changes nothing in the cluster."
      onSubmit={() => void submit()}
      keepsInput
      footer={
        <>
          <Button
            className="mr-auto"
            icon={<Plug size={14} aria-hidden />}
            busy={test.isPending}
            disabled={isRefused}
            onClick={() => void trial()}
          >
            {test.isPending ? "Testing" : "Test connection"}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={connect.isPending} disabled={isRefused}>
            {connect.isPending ? "Connecting" : isKnown ? "Connect anyway" : "Connect"}
          </Button>
        </>
      }
    >
      {problem && !fields && (
        <ErrorState
          inline
          title="The cluster was not connected"
          reason={problem.besides(SHOWN)}
          details={problem.describe()}
        />
      )}
      <GivenFields draft={draft} problem={problem} tried={tried} />
      <Field
        label="Name"
        required
        error={problem?.of("name") ?? (sent && !called ? "Enter a name for the cluster." : undefined)}
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
      {test.data && isAsTested && <TestReport report={test.data} />}
    </Dialog>
  );
}

/** Two entries of one cluster manage the same objects. */
const isConnectedAlready = (report: ConnectionTest) => report.steps.some(({ code }) => code === "cluster.known");
