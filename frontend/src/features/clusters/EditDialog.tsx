import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { labelsOf, labelsText } from "@/model/clusters";
import { Checkbox, Field, FormDialog, Input } from "@/ui";
import { GivenFields } from "./connect/GivenFields";
import { TestReport } from "./connect/TestReport";
import { useGiven } from "./connect/useGiven";
import { useTryConnection, useUpdateCluster } from "./queries";

const SHOWN = ["name", "labels", "kubeconfig", "context", "credentials"];

/** Renames a cluster, labels it, and replaces its credentials. */
export function EditDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const update = useUpdateCluster();
  const test = useTryConnection();
  const [name, setName] = useState(cluster.name);
  const [labels, setLabels] = useState(labelsText(cluster.labels));
  const [isDefault, setIsDefault] = useState(cluster.is_default);
  const [replaces, setReplaces] = useState(!cluster.auth);
  const [tried, setTried] = useState(false);
  const draft = useGiven();
  const error = update.error ?? test.error;
  const problem = error ? asProblem(error) : null;
  const summary = problem?.errors.every(({ field }) => field?.startsWith("credentials."))
    ? null
    : problem?.besides(SHOWN);
  const busy = update.isPending || test.isPending;
  const submit = async () => {
    setTried(true);
    update.reset();
    if (busy || !name.trim() || (replaces && !draft.given)) return;
    const given = replaces ? draft.given : undefined;
    if (given) {
      const report = await test.mutateAsync({ ...given, cluster: cluster.id }).catch(() => null);
      if (!report?.ok) return;
    }
    update.mutate(
      { id: cluster.id, name: name.trim(), labels: labelsOf(labels), is_default: isDefault, ...given },
      { onSuccess: onClose },
    );
  };
  return (
    <FormDialog
      size="lg"
      title={`Edit ${cluster.name}`}
      onSubmit={() => void submit()}
      submit={test.isPending ? "Testing" : update.isPending ? "Saving" : "Save"}
      busy={busy}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus mono maxLength={63} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Labels" help="As Kubernetes writes them: region=eu, stage=prod" error={problem?.of("labels")}>
        <Input mono value={labels} onChange={(event) => setLabels(event.target.value)} />
      </Field>
      <Checkbox
        checked={isDefault}
        onChange={setIsDefault}
        label="Propose it first"
        help="New environments of your team start with this cluster."
      />
      {cluster.auth && (
        <Checkbox
          checked={replaces}
          onChange={setReplaces}
          label="Replace the credentials"
          help="They replace the stored ones once the cluster answers to them. Stored ones are never shown."
        />
      )}
      {replaces && <GivenFields draft={draft} problem={problem} tried={tried} />}
      {replaces && test.data && !test.data.ok && <TestReport report={test.data} />}
    </FormDialog>
  );
}
