import type { Workflow } from "@/contract";
import { plural } from "@/model/words";
import { toast } from "@/ui";
import { RemovalDialog } from "./environments/RemovalDialog";
import { useArchiveWorkflow, useDeleteWorkflow } from "./queries/workflows";

const WORDS = {
  archive: { verb: "Archive", refused: "Not archived", tone: "primary" },
  delete: { verb: "Delete", refused: "Not deleted", tone: "danger" },
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
  const words = WORDS[verb];
  const versions = workflow.version === 0 ? "" : `${plural(workflow.version, "version")}, `;
  return (
    <RemovalDialog
      {...words}
      title={`${words.verb} ${workflow.name}`}
      name={workflow.name}
      environments={workflow.environments}
      objects="choose"
      label="Objects in clusters"
      ifKept={
        verb === "archive"
          ? "They stay in the cluster. Unarchived, the workflow goes on with them."
          : "They stay in the cluster, and no workflow manages them any more."
      }
      confirm={`${words.verb} workflow`}
      removes={
        verb === "delete" ? [`The graph, ${versions}run history, schedules, webhooks and stored secret values`] : []
      }
      keeps={verb === "archive" ? ["The graph, its versions and run history, read-only"] : []}
      busy={mutation.isPending}
      error={mutation.error}
      onClose={onClose}
      onConfirm={(choice, deletes) =>
        mutation.mutate(
          { id: workflow.id, ...choice },
          {
            onSuccess: () => {
              onClose();
              onDone?.();
              if (deletes)
                toast({
                  key: "removing",
                  tone: "busy",
                  title: `${workflow.name}: objects are being deleted`,
                  detail: "See progress on the Runs page.",
                });
            },
          },
        )
      }
    />
  );
}
