/** Words for runs: kinds, actions of steps, and a summary. The words of states are in product/status. */
import type { NodeStatus, Run, RunKind, Step, StepAction } from "@/contract";
import { isRunning, isSuperseded } from "./runs";
import { plural, sentence } from "./words";

export const KIND_WORD: Record<RunKind, string> = { apply: "Apply", destroy: "Undeploy", rollback: "Rollback" };

export const ACTION_WORD: Record<StepAction, string> = {
  apply: "apply",
  replace: "replace",
  delete: "delete",
  keep: "keep",
  give_back: "give back",
};

export interface RunPart {
  readonly word: string;
  readonly count: number;
  readonly tone: "ok" | "busy" | "warn" | "bad" | "idle";
}

/** The run's objects by outcome, adding up to all that are settled. */
export function partsOf(run: Pick<Run, "state" | "counts">): RunPart[] {
  const { done, changed, deleted, unchanged, kept, failed, skipped } = run.counts;
  return [
    { word: "failed", count: failed, tone: "bad" },
    // Applied does not mean healthy: green only when the run has seen its objects healthy. Runs of an earlier release
    // counted what they have changed as done alone.
    {
      word: "changed",
      count: Math.max(changed, done - deleted - kept),
      tone: isRunning(run.state) ? "busy" : run.state === "succeeded" ? "ok" : "warn",
    },
    { word: "deleted", count: deleted, tone: "bad" },
    { word: "unchanged", count: unchanged, tone: "idle" },
    { word: "kept", count: kept, tone: "idle" },
    { word: "skipped", count: skipped, tone: "warn" },
  ];
}

/** "1 changed · 1 deleted · 5 unchanged · 1 kept"; empty when nothing is settled. */
export function sayParts(run: Pick<Run, "state" | "counts">): string {
  return partsOf(run)
    .filter((part) => part.count > 0)
    .map((part) => `${part.count} ${part.word}`)
    .join(" · ");
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
      if (run.kind === "destroy") return sayUndeployed(run);
      const said = sayParts(run);
      return said === "" ? "There was nothing to do." : `${said}. ${sayHealthy(steps)}`;
    }
    case "rolled_back":
      return run.rolled_back_by ? `It failed, and run #${run.rolled_back_by.number} rolled it back.` : "It failed.";
    case "superseded":
      return sentence(run.error?.detail ?? "");
    case "failed":
      if (isSuperseded(run)) return sentence(run.error?.detail ?? "");
      if (counts.failed > 0)
        return `${counts.failed} of ${plural(counts.total, "object")} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}.`;
      return counts.total > 0 && counts.done + counts.unchanged === counts.total
        ? "All objects were applied, but not all became healthy."
        : "The run did not finish.";
    case "canceled":
      return `Canceled. ${counts.done + counts.unchanged} of ${plural(counts.total, "object")} already applied; nothing was rolled back.`;
  }
}

/** A run succeeds without what nothing tells of: such an object is there, and it is not called healthy. */
function sayHealthy(steps: readonly Step[]): string {
  const [first, ...others] = steps.filter((step) => step.health_at_end?.health === "present");
  if (!first) return "All healthy.";
  const names = others.length > 0 ? `${first.ref.name} and ${others.length} more` : first.ref.name;
  return `None is unhealthy; nothing tells the health of ${names}.`;
}

/** What went and what stays after everything was undeployed. */
function sayUndeployed({ counts: { deleted, kept } }: Run): string {
  const stays = kept > 0 ? ` ${plural(kept, "object")} ${kept === 1 ? "is" : "are"} kept in the cluster.` : "";
  if (deleted === 0) return `Nothing was there to delete.${stays}`;
  return stays ? `${plural(deleted, "object")} deleted.${stays}` : "All its objects are deleted.";
}

function sayApplying({ counts }: Run, steps: readonly Step[]): string {
  const settled = counts.done + counts.unchanged + counts.failed + counts.skipped;
  const waiting = steps.find((step) => step.state === "pending" && step.waits_for);
  const running = steps.filter((step) => step.state === "running");
  if (running.length === 0 && waiting) {
    const { ref, waits_for: why } = waiting;
    return `${sentence(`${ref.kind} ${ref.name} ${why}`)} ${settled} of ${counts.total} objects are applied.`;
  }
  const names = running.map((step) => step.ref.name);
  const said = names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
  return `Applying object ${Math.min(settled + 1, counts.total)} of ${counts.total}${said && `: ${said}`}.`;
}
