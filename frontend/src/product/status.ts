import type { BuildState, ClusterState, Health, Run, RunState, Step, StepState } from "@/contract";
import { isSuperseded } from "@/model/runs";
import type { Tone } from "@/ui";

export type AnyStatus =
  | Health
  | RunState
  | StepState
  | BuildState
  | "applied"
  | "unwell"
  | "deleted"
  | "kept"
  | "returned"
  | ClusterState
  | "archived";
export type StatusShape =
  | "dot"
  | "half"
  | "triangle"
  | "square"
  | "pause"
  | "ring"
  | "question"
  | "check"
  | "stop"
  | "dash"
  | "equals"
  | "box"
  | "diamond"
  | "skip"
  | "back";

export interface StatusLook {
  word: string;
  tone: Tone;
  shape: StatusShape;
  /** Spins slowly: work is in progress. */
  moving?: boolean;
}

/** The vocabulary of states: every page shows the same word, shape and colour. */
export const STATUS: Record<AnyStatus, StatusLook> = {
  healthy: { word: "healthy", tone: "ok", shape: "dot" },
  progressing: { word: "progressing", tone: "busy", shape: "half", moving: true },
  degraded: { word: "degraded", tone: "warn", shape: "triangle" },
  failed: { word: "failed", tone: "bad", shape: "square" },
  suspended: { word: "suspended", tone: "idle", shape: "pause" },
  missing: { word: "missing", tone: "idle", shape: "ring" },
  unknown: { word: "unknown", tone: "unknown", shape: "question" },
  // It exists, and no rule says more: never green.
  present: { word: "present", tone: "idle", shape: "diamond" },

  queued: { word: "queued", tone: "idle", shape: "ring" },
  planning: { word: "planning", tone: "busy", shape: "half", moving: true },
  applying: { word: "applying", tone: "busy", shape: "half", moving: true },
  verifying: { word: "verifying", tone: "busy", shape: "half", moving: true },
  cloning: { word: "cloning", tone: "busy", shape: "half", moving: true },
  building: { word: "building", tone: "busy", shape: "half", moving: true },
  pushing: { word: "pushing", tone: "busy", shape: "half", moving: true },
  succeeded: { word: "succeeded", tone: "ok", shape: "check" },
  canceled: { word: "canceled", tone: "idle", shape: "stop" },
  superseded: { word: "superseded", tone: "idle", shape: "skip" },
  // It failed, and what was there before it is back.
  rolled_back: { word: "rolled back", tone: "warn", shape: "back" },

  pending: { word: "pending", tone: "idle", shape: "ring" },
  running: { word: "running", tone: "busy", shape: "half", moving: true },
  done: { word: "applied", tone: "ok", shape: "check" },
  unchanged: { word: "unchanged", tone: "idle", shape: "equals" },
  // Applied, and what became of it is not known (yet): not green.
  applied: { word: "applied", tone: "idle", shape: "check" },
  unwell: { word: "not healthy", tone: "warn", shape: "triangle" },
  deleted: { word: "deleted", tone: "bad", shape: "dash" },
  returned: { word: "given back", tone: "idle", shape: "box" },
  kept: { word: "kept", tone: "idle", shape: "box" },
  skipped: { word: "skipped", tone: "idle", shape: "dash" },

  connecting: { word: "connecting", tone: "busy", shape: "half", moving: true },
  ready: { word: "ready", tone: "ok", shape: "dot" },

  archived: { word: "archived", tone: "idle", shape: "box" },
};

/** The state of a run as it is shown; an earlier release called one that the next run overtook failed. */
export function stateOf(run: Pick<Run, "state" | "error">): RunState {
  return isSuperseded(run) ? "superseded" : run.state;
}

/**
 * The state of one object of a run. An applied one is green only if it was healthy when the run ended. Runs of an
 * earlier release have kept only which node they failed for.
 */
export function stepStatus(
  step: Pick<Step, "state" | "action" | "node_id"> & Partial<Pick<Step, "health_at_end">>,
  run: Pick<Run, "state" | "error">,
): AnyStatus {
  if (step.action === "keep" && (step.state === "done" || step.state === "unchanged")) return "kept";
  if (step.action === "give_back" && step.state === "done") return "returned";
  const isApplied = step.state === "done" || step.state === "unchanged";
  if (!isApplied) return step.state;
  // What was never made is not deleted either.
  if (step.action === "delete") return step.state === "done" ? "deleted" : "unchanged";
  if (step.health_at_end) return endedAs(step.health_at_end.health, step.state);
  const isBlamed = run.state === "failed" && step.node_id !== null && run.error?.node_id === step.node_id;
  if (isBlamed) return "unwell";
  return step.state === "done" && run.state !== "succeeded" ? "applied" : step.state;
}

/** An applied object by its health when the run ended, which does not go on. */
function endedAs(health: Health, state: StepState): AnyStatus {
  if (health === "healthy") return state;
  return health === "suspended" || health === "present" || health === "unknown" ? health : "unwell";
}

/** Why an applied object was not healthy when its run ended; empty where it was, and where that is not known. */
export function whyUnwell(step: Pick<Step, "health_at_end">): string {
  const found = step.health_at_end;
  return found && found.health !== "healthy" ? found.reason : "";
}
