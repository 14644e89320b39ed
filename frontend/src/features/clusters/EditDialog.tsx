import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { Field, FormDialog, Input } from "@/ui";
import { KubeconfigFields, useKubeconfig } from "./KubeconfigFields";
import { useUpdateCluster } from "./queries";

/** Renames a cluster, and replaces its credentials. */
export function EditDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const update = useUpdateCluster();
  const [name, setName] = useState(cluster.name);
  const [draft, change] = useKubeconfig();
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "kubeconfig", "context"]);
  const submit = () => {
    if (update.isPending || !name.trim() || (draft.text.trim() && !draft.credentials)) return;
    update.mutate({ id: cluster.id, name: name.trim(), ...draft.credentials }, { onSuccess: onClose });
  };
  return (
    <FormDialog
      size="lg"
      title={`Edit ${cluster.name}`}
      description="New credentials replace the stored ones once the cluster answers to them. Stored ones are never shown."
      onSubmit={submit}
      submit={update.isPending ? "Saving" : "Save"}
      busy={update.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus mono maxLength={63} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <KubeconfigFields
        draft={draft}
        onChange={change}
        required={false}
        error={problem?.of("kubeconfig") ?? problem?.of("context")}
      />
    </FormDialog>
  );
}
