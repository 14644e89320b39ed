import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { removalOf } from "@/model/removal";
import { Checkbox, ConfirmDialog, ErrorState, Segmented, SkeletonRows, toast } from "@/ui";
import { ObjectLine } from "./ObjectLine";
import { useOwned, type OwnedItem } from "./queries/inventory";
import { useArchiveWorkflow, useDeleteWorkflow } from "./queries/workflows";

const VERB = {
  archive: { title: "Archive", done: "archived", confirm: "Archive workflow" },
  delete: { title: "Delete", done: "deleted", confirm: "Delete workflow" },
} as const;

/** Archives or deletes a workflow. Reads its inventory first, and lists what is removed and what is kept. */
export function RemoveWorkflowDialog({
  verb,
  workflow,
  onClose,
  onDone,
}: {
  verb: "archive" | "delete";
  workflow: Workflow;
  onClose: () => void;
  /** After `onClose`, when the server has done it. */
  onDone?: () => void;
}) {
  const archive = useArchiveWorkflow();
  const remove = useDeleteWorkflow();
  const mutation = verb === "archive" ? archive : remove;
  const [objects, setObjects] = useState<"keep" | "destroy">("keep");
  const [data, setData] = useState(false);
  const { owned, isPending, error } = useOwned(workflow.environments);
  const destroy = objects === "destroy" && owned.length > 0;
  const { removed, kept, leavingData, losesData } = removalOf(owned, { objects: destroy, data });
  const holdsData = owned.filter((item) => item.holds_data);
  const hasObjects = owned.length > 0 || error !== null;
  const words = VERB[verb];
  const problem = mutation.error ? asProblem(mutation.error) : null;
  const confirm = () =>
    mutation.mutate(
      {
        id: workflow.id,
        ...(hasObjects ? { objects, volumes: destroy && data ? ("delete" as const) : ("keep" as const) } : {}),
      },
      {
        onSuccess: () => {
          onClose();
          onDone?.();
          if (destroy)
            toast({
              key: "removing",
              tone: "busy",
              title: `${workflow.name}: objects are being deleted`,
              detail: "See progress on the Runs page.",
            });
        },
      },
    );
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${words.title} ${workflow.name}`}
      tone={verb === "delete" || destroy ? "danger" : "primary"}
      confirmLabel={
        destroy ? `${words.title} and remove ${removed.length} ${plural(removed.length, "object")}` : words.confirm
      }
      busy={mutation.isPending || isPending}
      onConfirm={confirm}
      typeToConfirm={losesData ? workflow.name : undefined}
      removed={[...(verb === "delete" ? [whatIsDeleted(workflow)] : []), ...removed.map(lineOf)]}
      kept={[
        ...(verb === "archive" ? ["The graph, its versions and run history, read-only"] : []),
        ...kept.map(lineOf),
        ...leavingData.map((item) => (
          <ObjectLine key={`volumes ${item.ref.name}`} of={item.ref} before="volumes of" note={item.place} />
        )),
        ...(!hasObjects && !isPending ? ["It has no objects in a cluster"] : []),
      ]}
      error={
        problem && (
          <ErrorState inline title={`Not ${words.done}`} reason={problem.besides([])} details={problem.describe()} />
        )
      }
    >
      {isPending && <SkeletonRows rows={2} />}
      {error && (
        <ErrorState
          inline
          title="Its objects in clusters could not be read"
          reason={asProblem(error).besides([])}
          cure="With “Keep objects”, nothing in a cluster is touched."
        />
      )}
      {hasObjects && (
        <div className="flex flex-col gap-3">
          <div className="flex flex-wrap items-center gap-3">
            <span className="text-13">Objects in clusters</span>
            <Segmented
              label="Objects in clusters"
              value={objects}
              onChange={setObjects}
              options={[
                { value: "keep", label: "Keep objects" },
                { value: "destroy", label: "Delete objects" },
              ]}
            />
          </div>
          {destroy && holdsData.length > 0 && (
            <Checkbox
              checked={data}
              onChange={setData}
              label={`Delete the data too (${holdsData.map((item) => item.ref.name).join(", ")})`}
              help="Volumes and what is on them cannot be restored."
            />
          )}
        </div>
      )}
    </ConfirmDialog>
  );
}

const plural = (count: number, word: string): string => (count === 1 ? word : `${word}s`);

const whatIsDeleted = ({ version }: Workflow): string =>
  `The graph, ${version} ${plural(version, "version")}, run history and stored secret values`;

const lineOf = (item: OwnedItem) => (
  <ObjectLine key={`${item.ref.kind} ${item.ref.name}`} of={item.ref} note={item.place} />
);
