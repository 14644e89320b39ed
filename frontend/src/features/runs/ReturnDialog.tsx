import { asProblem } from "@/api";
import type { Named, Run } from "@/contract";
import { useDeletionsQuestion, useReturnTo } from "@/product";
import { ConfirmDialog, ErrorState, Facts, RelativeTime } from "@/ui";

/** Goes back to what an earlier run applied: to `target`, or for null to the newest one before what is there now. */
export function ReturnDialog({
  workflowId,
  environment,
  target,
  onClose,
  onStarted,
}: {
  workflowId: string;
  environment: Named;
  target: Run | null;
  onClose: () => void;
  onStarted: (run: Run) => void;
}) {
  const { ask, dialog } = useDeletionsQuestion(environment.name, "Return");
  const back = useReturnTo(workflowId, environment.id, ask);
  const problem = back.error ? asProblem(back.error) : null;
  if (dialog) return dialog;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      tone="primary"
      title={target ? `Return to run #${target.number} in ${environment.name}` : `Roll back ${environment.name}`}
      description={
        target
          ? "A run applies again just what that run applied, from its record: its objects, images and values of variables. Later additions are deleted after a question, data is kept."
          : "A run applies again what the newest run that succeeded before applied, from its record. Later additions are deleted after a question, data is kept."
      }
      confirmLabel={target ? `Return to run #${target.number}` : "Roll back"}
      busy={back.isPending}
      onConfirm={() => back.mutate(target?.id, { onSuccess: (run) => run && onStarted(run) })}
      error={
        problem && (
          <ErrorState inline title="Nothing was started" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    >
      {target && (
        <Facts
          rows={[
            ["Version", `v${target.version}`],
            ["Ran", <RelativeTime key="ran" at={target.finished_at ?? target.created_at} />],
            Boolean(target.created_by?.name) && ["By", target.created_by.name],
          ]}
        />
      )}
    </ConfirmDialog>
  );
}
