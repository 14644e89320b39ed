import type { ClusterState, Health, RunState, StepState, WorkflowState } from "@/contract";
import type { Tone } from "@/ui";

/** `present`: it exists, and no rule says more. `superseded`: the next run took over before it was healthy. */
export type AnyStatus = Health | "present" | RunState | "superseded" | StepState | ClusterState | WorkflowState;
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
  | "pencil"
  | "box"
  | "diamond"
  | "skip";

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
  present: { word: "present", tone: "idle", shape: "diamond" },

  queued: { word: "queued", tone: "idle", shape: "ring" },
  planning: { word: "planning", tone: "busy", shape: "half", moving: true },
  applying: { word: "applying", tone: "busy", shape: "half", moving: true },
  verifying: { word: "verifying", tone: "busy", shape: "half", moving: true },
  succeeded: { word: "succeeded", tone: "ok", shape: "check" },
  canceled: { word: "canceled", tone: "idle", shape: "stop" },
  superseded: { word: "superseded", tone: "idle", shape: "skip" },

  pending: { word: "pending", tone: "idle", shape: "ring" },
  running: { word: "running", tone: "busy", shape: "half", moving: true },
  done: { word: "applied", tone: "ok", shape: "check" },
  unchanged: { word: "unchanged", tone: "idle", shape: "equals" },
  skipped: { word: "skipped", tone: "idle", shape: "dash" },

  connecting: { word: "connecting", tone: "busy", shape: "half", moving: true },
  ready: { word: "ready", tone: "ok", shape: "dot" },

  draft: { word: "draft", tone: "idle", shape: "pencil" },
  published: { word: "published", tone: "ok", shape: "check" },
  archived: { word: "archived", tone: "idle", shape: "box" },
};
