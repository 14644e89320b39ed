import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { removalOf } from "@/model/removal";
import { plural } from "@/model/words";
import { ConfirmDialog, ErrorState, SkeletonRows, toast } from "@/ui";
import { DestroyChoice, ownedLine, volumesLine } from "./environments/DestroyChoice";
import { ObjectsChoice, type ObjectsFate } from "./environments/ObjectsChoice";
import { useOwned } from "./queries/inventory";
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
  const [objects, setObjects] = useState<ObjectsFate>("keep");
  const [data, setData] = useState(false);
  const { owned, isPending, error } = useOwned(workflow.environments);
  const destroy = objects === "destroy" && owned.length > 0;
  const { removed, kept, leavingData, losesData } = removalOf(owned, { objects: destroy, data });
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
      confirmLabel={destroy ? `${words.title} and remove ${plural(removed.length, "object")}` : words.confirm}
      busy={mutation.isPending || isPending}
      onConfirm={confirm}
      typeToConfirm={losesData ? workflow.name : undefined}
      removed={[...(verb === "delete" ? [whatIsDeleted(workflow)] : []), ...removed.map(ownedLine)]}
      kept={[
        ...(verb === "archive" ? ["The graph, its versions and run history, read-only"] : []),
        ...kept.map(ownedLine),
        ...leavingData.map(volumesLine),
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
        <ObjectsChoice label="Objects in clusters" value={objects} onChange={setObjects}>
          {destroy && <DestroyChoice owned={owned} data={data} onData={setData} />}
        </ObjectsChoice>
      )}
    </ConfirmDialog>
  );
}

const whatIsDeleted = ({ version }: Workflow): string =>
  `The graph, ${plural(version, "version")}, run history and stored secret values`;
