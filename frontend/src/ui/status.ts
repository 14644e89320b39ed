/** The one vocabulary of states: every page says the same word with the same shape and colour. */

export type Health = "healthy" | "progressing" | "degraded" | "failed" | "suspended" | "missing" | "unknown";
export type RunState =
  "queued" | "planning" | "applying" | "verifying" | "succeeded" | "failed" | "canceled" | "rolled_back";
export type StepState = "pending" | "running" | "done" | "unchanged" | "failed" | "skipped";
export type ClusterState = "pending" | "connecting" | "ready" | "failed";
export type WorkflowState = "draft" | "published" | "archived";
export type AnyStatus = Health | RunState | StepState | ClusterState | WorkflowState;

export type StatusTone = "ok" | "busy" | "warn" | "bad" | "idle" | "unknown";
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
  | "back"
  | "dash"
  | "equals"
  | "pencil"
  | "box";

export interface StatusLook {
  word: string;
  tone: StatusTone;
  shape: StatusShape;
  /** Turns slowly: something is going on. */
  moving?: boolean;
}

export const STATUS: Record<AnyStatus, StatusLook> = {
  healthy: { word: "healthy", tone: "ok", shape: "dot" },
  progressing: { word: "progressing", tone: "busy", shape: "half", moving: true },
  degraded: { word: "degraded", tone: "warn", shape: "triangle" },
  failed: { word: "failed", tone: "bad", shape: "square" },
  suspended: { word: "suspended", tone: "idle", shape: "pause" },
  missing: { word: "missing", tone: "idle", shape: "ring" },
  unknown: { word: "unknown", tone: "unknown", shape: "question" },

  queued: { word: "queued", tone: "idle", shape: "ring" },
  planning: { word: "planning", tone: "busy", shape: "half", moving: true },
  applying: { word: "applying", tone: "busy", shape: "half", moving: true },
  verifying: { word: "verifying", tone: "busy", shape: "half", moving: true },
  succeeded: { word: "succeeded", tone: "ok", shape: "check" },
  canceled: { word: "canceled", tone: "idle", shape: "stop" },
  rolled_back: { word: "rolled back", tone: "warn", shape: "back" },

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

export const TONE_TEXT: Record<StatusTone, string> = {
  ok: "text-ok",
  busy: "text-busy",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-idle",
  unknown: "text-unknown",
};
export const TONE_SOFT: Record<StatusTone, string> = {
  ok: "bg-ok-soft text-ok",
  busy: "bg-busy-soft text-busy",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  idle: "bg-idle-soft text-idle",
  unknown: "bg-unknown-soft text-unknown",
};
export const TONE_FILL: Record<StatusTone, string> = {
  ok: "bg-ok",
  busy: "bg-busy",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
  unknown: "bg-unknown",
};

const LIVE_RUN_STATES: ReadonlySet<string> = new Set(["queued", "planning", "applying", "verifying"]);
export const isRunning = (state: RunState): boolean => LIVE_RUN_STATES.has(state);
