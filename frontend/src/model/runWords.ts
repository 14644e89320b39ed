/** A run in words: its kinds, what its steps do, and what it is busy with. The words of states are in product/status. */
import type { NodeStatus, Run, RunKind, Step, StepAction } from "@/contract";
import { isRunning } from "./runs";

export const KIND_WORD: Record<RunKind, string> = { apply: "Apply", rollback: "Roll back", destroy: "Destroy" };

export const ACTION_WORD: Record<StepAction, string> = {
  apply: "apply",
  replace: "replace",
  delete: "delete",
  keep: "keep",
};

/** What a run is busy with, or how it ended, in one sentence. */
export function sayRun(run: Run, steps: readonly Step[] = [], unwell: readonly NodeStatus[] = []): string {
  const { counts } = run;
  switch (run.state) {
    case "queued":
      return "Waiting for the run before it, or for a free worker.";
    case "planning":
      return "Comparing what is drawn with what the cluster has.";
    case "applying":
      return sayApplying(run, steps);
    case "verifying": {
      const [first, ...others] = unwell;
      if (!first) return "Everything is applied; waiting until all objects are healthy.";
      return `Waiting for ${first.objects[0]?.ref.name ?? first.node_id}${others.length > 0 ? ` and ${others.length} more` : ""}: ${first.reason || first.health}`;
    }
    case "succeeded":
      return run.kind === "destroy"
        ? "Everything it owned is gone."
        : `${counts.done} applied, ${counts.unchanged} unchanged; all healthy.`;
    case "failed":
      if (counts.failed > 0)
        return `${counts.failed} of ${counts.total} objects failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}.`;
      return counts.total > 0 && counts.done + counts.unchanged === counts.total
        ? "Everything was applied; not everything became healthy."
        : "The run did not reach its end.";
    case "canceled":
      return `Stopped by hand; ${counts.done + counts.unchanged} of ${counts.total} objects had been applied.`;
    case "rolled_back":
      return "The version before was restored.";
  }
}

function sayApplying({ counts }: Run, steps: readonly Step[]): string {
  const settled = counts.done + counts.unchanged + counts.failed + counts.skipped;
  const names = steps.filter((step) => step.state === "running").map((step) => step.ref.name);
  const said = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return `Applying object ${Math.min(settled + 1, counts.total)} of ${counts.total}${said && `: ${said}`}.`;
}

/** Its objects by how far they are, for a bar and beside it. */
export function partsOf(run: Run) {
  return [
    // Applied is not yet well: green only when the run has seen its objects healthy.
    {
      count: run.counts.done,
      tone: isRunning(run.state) ? "busy" : run.state === "succeeded" ? "ok" : "warn",
      word: "applied",
    },
    { count: run.counts.unchanged, tone: "idle", word: "unchanged" },
    { count: run.counts.failed, tone: "bad", word: "failed" },
    { count: run.counts.skipped, tone: "warn", word: "skipped" },
  ] as const;
}
