/** The meaning of a colour; never the only sign of it. */
export type Tone = "ok" | "busy" | "warn" | "bad" | "idle" | "unknown";

export const TONE_TEXT: Record<Tone, string> = {
  ok: "text-ok",
  busy: "text-busy",
  warn: "text-warn",
  bad: "text-bad",
  idle: "text-idle",
  unknown: "text-unknown",
};
export const TONE_SOFT: Record<Tone, string> = {
  ok: "bg-ok-soft text-ok",
  busy: "bg-busy-soft text-busy",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
  idle: "bg-idle-soft text-idle",
  unknown: "bg-unknown-soft text-unknown",
};
export const TONE_FILL: Record<Tone, string> = {
  ok: "bg-ok",
  busy: "bg-busy",
  warn: "bg-warn",
  bad: "bg-bad",
  idle: "bg-idle",
  unknown: "bg-unknown",
};
