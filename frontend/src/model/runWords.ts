/** Words for runs: kinds, actions of steps, and a summary. The words of states are in product/status. */
import type { NodeStatus, Run, RunKind, Step, StepAction } from "@/contract";
import { isRunning } from "./runs";
import { plural } from "./words";

export const KIND_WORD: Record<RunKind, string> = { apply: "Apply", destroy: "Destroy" };

export const ACTION_WORD: Record<StepAction, string> = {
  apply: "apply",
  replace: "replace",
  delete: "delete",
  keep: "keep",
};

export interface RunPart {
  readonly word: string;
  readonly count: number;
  readonly tone: "ok" | "busy" | "warn" | "bad" | "idle";
}

/** The run's objects by outcome, adding up to all that are settled. Deletions are counted apart only with the steps. */
export function partsOf(run: Pick<Run, "state" | "counts">, steps: readonly Step[] = []): RunPart[] {
  const { done, unchanged, failed, skipped } = run.counts;
  const deleted = steps.filter((step) => step.action === "delete" && step.state === "done").length;
  const kept = steps.filter((step) => step.action === "keep" && step.state === "unchanged").length;
  return [
    { word: "failed", count: failed, tone: "bad" },
    { word: "deleted", count: deleted, tone: "bad" },
    // Applied does not mean healthy: green only when the run has seen its objects healthy.
    {
      word: "applied",
      count: Math.max(0, done - deleted),
      tone: isRunning(run.state) ? "busy" : run.state === "succeeded" ? "ok" : "warn",
    },
    { word: "unchanged", count: Math.max(0, unchanged - kept), tone: "idle" },
    { word: "kept", count: kept, tone: "idle" },
    { word: "skipped", count: skipped, tone: "warn" },
  ];
}

/** What a run is doing, or how it ended, in one or two sentences. */
export function sayRun(run: Run, steps: readonly Step[] = [], unwell: readonly NodeStatus[] = []): string {
  const { counts } = run;
  switch (run.state) {
    case "queued":
      return "Waiting for the previous run, or for a free worker.";
    case "planning":
      return "Comparing the workflow with the cluster.";
    case "applying":
      return sayApplying(run, steps);
    case "verifying": {
      const [first, ...others] = unwell;
      if (!first) return "All objects applied. Waiting until they are healthy.";
      const name = first.objects[0]?.ref.name ?? first.node_id;
      const more = others.length > 0 ? ` and ${others.length} more` : "";
      return `Waiting for ${name}${more}: ${first.reason || first.health}`;
    }
    case "succeeded": {
      if (run.kind === "destroy") return "All its objects are deleted.";
      const parts = partsOf(run, steps).filter((part) => part.count > 0);
      if (parts.length === 0) return "There was nothing to do.";
      return `${parts.map((part) => `${part.count} ${part.word}`).join(", ")}. All healthy.`;
    }
    case "failed":
      if (counts.failed > 0)
        return `${counts.failed} of ${plural(counts.total, "object")} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}.`;
      return counts.total > 0 && counts.done + counts.unchanged === counts.total
        ? "All objects were applied, but not all became healthy."
        : "The run did not finish.";
    case "canceled":
      return `Canceled. ${counts.done + counts.unchanged} of ${plural(counts.total, "object")} already applied; nothing was rolled back.`;
  }
}

function sayApplying({ counts }: Run, steps: readonly Step[]): string {
  const settled = counts.done + counts.unchanged + counts.failed + counts.skipped;
  const names = steps.filter((step) => step.state === "running").map((step) => step.ref.name);
  const said = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return `Applying object ${Math.min(settled + 1, counts.total)} of ${counts.total}${said && `: ${said}`}.`;
}
