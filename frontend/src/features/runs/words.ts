import type { Run, RunKind, StepAction } from "@/api";

export const KIND_WORD: Record<RunKind, string> = { apply: "Apply", rollback: "Roll back", destroy: "Destroy" };

export const ACTION_WORD: Record<StepAction, string> = { apply: "apply", replace: "replace", delete: "delete", keep: "keep" };

/** What the run is busy with, in one sentence. */
export function sayRun(run: Run): string {
  const { counts } = run;
  const settled = counts.done + counts.unchanged + counts.failed + counts.skipped;
  switch (run.state) {
    case "queued":
      return "Waiting for a worker, or for the run before it to end.";
    case "planning":
      return "Working out what the cluster must change.";
    case "applying":
      return `Applying object ${Math.min(settled + 1, counts.total)} of ${counts.total}.`;
    case "verifying":
      return "Everything is applied; waiting until the objects are healthy.";
    case "succeeded":
      return run.kind === "destroy" ? "Everything it owned is gone." : counts.unchanged === counts.total && counts.total > 0 ? "Healthy; nothing had to change." : "Applied and healthy.";
    case "failed":
      return counts.failed > 0 ? `${counts.failed} of ${counts.total} objects failed.` : counts.total > 0 && counts.done + counts.unchanged === counts.total ? "Everything was applied; not everything became healthy." : "The run did not reach its end.";
    case "canceled":
      return `Stopped after ${counts.done + counts.unchanged} of ${counts.total} objects.`;
    case "rolled_back":
      return "The version before was restored.";
  }
}
