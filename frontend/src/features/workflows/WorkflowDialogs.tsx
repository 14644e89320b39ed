import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, fetchInventory } from "@/api";
import type { InventoryItem, Workflow } from "@/contract";
import { KindIcon, useArchiveWorkflow, useDeleteWorkflow, useUpdateWorkflow } from "@/product";
import {
  Checkbox,
  ConfirmDialog,
  ErrorState,
  Field,
  FormDialog,
  Input,
  Segmented,
  SkeletonRows,
  Textarea,
  toast,
} from "@/ui";
import { splitTags } from "./CreateDialog";
import { useCloneWorkflow } from "./queries";

export function CloneDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const navigate = useNavigate();
  const clone = useCloneWorkflow();
  const [name, setName] = useState(`${workflow.name} copy`);
  const problem = clone.error ? asProblem(clone.error) : null;
  const summary = problem?.besides(["name"]);
  return (
    <FormDialog
      size="sm"
      title={`Clone ${workflow.name}`}
      description="A new draft of the same graph, without environments, secret values and versions."
      onSubmit={() =>
        name.trim() &&
        clone.mutate(
          { id: workflow.id, name: name.trim() },
          { onSuccess: (made) => void navigate(`/workflows/${made.id}`) },
        )
      }
      submit="Clone"
      busy={clone.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not cloned", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
      </Field>
    </FormDialog>
  );
}

export function DescribeDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const update = useUpdateWorkflow();
  const [name, setName] = useState(workflow.name);
  const [description, setDescription] = useState(workflow.description);
  const [tags, setTags] = useState(workflow.tags.join(", "));
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "description", "tags"]);
  return (
    <FormDialog
      title={`Describe ${workflow.name}`}
      onSubmit={() =>
        update.mutate(
          { id: workflow.id, name: name.trim(), description: description.trim(), tags: splitTags(tags) },
          { onSuccess: onClose },
        )
      }
      submit="Save"
      busy={update.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Description" error={problem?.of("description")}>
        <Textarea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label="Tags" help="Separated by commas." error={problem?.of("tags")}>
        <Input value={tags} onChange={(event) => setTags(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

const DATA_KINDS = new Set(["PersistentVolumeClaim", "Namespace"]);
interface Owned extends InventoryItem {
  place: string;
}

/** Archive or delete. Reads first what the workflow has in clusters, and names what goes and what stays. */
export function RemoveDialog({
  verb,
  workflow,
  onClose,
}: {
  verb: "archive" | "delete";
  workflow: Workflow;
  onClose: () => void;
}) {
  const archive = useArchiveWorkflow();
  const remove = useDeleteWorkflow();
  const [objects, setObjects] = useState<"keep" | "destroy">("keep");
  const [volumes, setVolumes] = useState(false);
  const inventories = useQueries({
    queries: workflow.environments.map((environment) => ({
      queryKey: ["environments", environment.id, "inventory"],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const inventory = await fetchInventory(environment.id, signal);
        const place = `${environment.cluster.name}/${environment.namespace}`;
        return inventory.results.map((item): Owned => ({ ...item, place }));
      },
      staleTime: 0,
    })),
  });
  const owned = inventories.flatMap((each) => each.data ?? []);
  const loading = inventories.some((each) => each.isPending);
  const failed = inventories.find((each) => each.error)?.error;
  const data = owned.filter((item) => DATA_KINDS.has(item.ref.kind));
  const destroy = objects === "destroy" && owned.length > 0;
  const dying = destroy ? owned.filter((item) => volumes || !data.includes(item)) : [];
  const staying = owned.filter((item) => !dying.includes(item));
  const mutation = verb === "archive" ? archive : remove;
  const problem = mutation.error ? asProblem(mutation.error) : null;
  const confirm = () => {
    const choice =
      owned.length > 0 || failed
        ? { objects, volumes: destroy && volumes ? ("delete" as const) : ("keep" as const) }
        : {};
    mutation.mutate(
      { id: workflow.id, ...choice },
      {
        onSuccess: () => {
          onClose();
          if (destroy)
            toast({
              key: "removing",
              tone: "busy",
              title: `${workflow.name}: objects are being deleted`,
              detail: "The runs page shows the progress.",
            });
        },
      },
    );
  };
  const listed = (item: Owned) => (
    <span className="flex min-w-0 items-center gap-2">
      <KindIcon kind={item.ref.kind} size={14} className="text-muted" />
      <span className="min-w-0 truncate font-mono text-12">
        {item.ref.kind}/{item.ref.name}
      </span>
      <span className="shrink-0 font-mono text-12 text-faint">{item.place}</span>
    </span>
  );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={verb === "archive" ? `Archive ${workflow.name}` : `Delete ${workflow.name}`}
      tone={verb === "delete" || destroy ? "danger" : "primary"}
      confirmLabel={
        destroy
          ? `${verb === "archive" ? "Archive" : "Delete"} and remove ${dying.length} ${dying.length === 1 ? "object" : "objects"}`
          : verb === "archive"
            ? "Archive"
            : "Delete workflow"
      }
      busy={mutation.isPending || loading}
      onConfirm={confirm}
      typeToConfirm={destroy && volumes && data.length > 0 ? workflow.name : undefined}
      goes={[
        ...(verb === "delete"
          ? [
              `The graph, ${workflow.version} ${workflow.version === 1 ? "version" : "versions"}, run history and stored secret values`,
            ]
          : []),
        ...dying.map(listed),
      ]}
      stays={[
        ...(verb === "archive" ? ["The graph, its versions and run history, read-only"] : []),
        ...staying.map(listed),
        ...(staying.length === 0 && owned.length === 0 && !loading && !failed
          ? ["Nothing of it stands in a cluster"]
          : []),
      ]}
      error={
        problem && (
          <ErrorState
            inline
            title={verb === "archive" ? "Not archived" : "Not deleted"}
            reason={problem.besides([])}
            details={problem.describe()}
          />
        )
      }
    >
      {loading && <SkeletonRows rows={2} />}
      {Boolean(failed) && (
        <ErrorState
          inline
          title="What it owns in clusters could not be read"
          reason={asProblem(failed).besides([])}
          cure="With “leave them”, nothing in a cluster is touched."
        />
      )}
      {(owned.length > 0 || Boolean(failed)) && (
        <div className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center gap-3">
            <span className="text-13">Objects in clusters</span>
            <Segmented
              label="Objects in clusters"
              value={objects}
              onChange={setObjects}
              options={[
                { value: "keep", label: "Leave them" },
                { value: "destroy", label: "Delete them" },
              ]}
            />
          </div>
          {destroy && data.length > 0 && (
            <Checkbox
              checked={volumes}
              onChange={setVolumes}
              label={`Delete the data too (${data.map((item) => item.ref.name).join(", ")})`}
              help="Volumes and what is on them cannot be brought back."
            />
          )}
        </div>
      )}
    </ConfirmDialog>
  );
}
