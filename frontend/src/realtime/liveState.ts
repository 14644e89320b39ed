/** What is known of one topic. Pure: the laws of snapshot and delta live here. */

export interface LiveTopic {
  readonly state: "waiting" | "live" | "refused";
  readonly epoch: string | null;
  readonly seq: number;
  readonly values: ReadonlyMap<string, unknown>;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export type LiveMessage =
  | { type: "snapshot"; topic: string; epoch: string; seq: number; data: Record<string, unknown> }
  | { type: "delta"; topic: string; seq: number; epoch?: string; data: Record<string, unknown> }
  | { type: "error"; topic: string | null; data: { code: string; detail: string } }
  | { type: "pong" };

export const NOTHING_YET: LiveTopic = { state: "waiting", epoch: null, seq: 0, values: new Map(), error: null };

/**
 * A snapshot replaces all; a delta changes the keys it names, null takes one away. A repeated message changes nothing
 * (same reference back).
 */
export function applyMessage(topic: LiveTopic, message: Exclude<LiveMessage, { type: "pong" }>): LiveTopic {
  switch (message.type) {
    case "snapshot": {
      const values = new Map<string, unknown>();
      for (const [key, value] of Object.entries(message.data))
        if (value !== null) values.set(key, newer(topic.values.get(key), value));
      return { state: "live", epoch: message.epoch, seq: message.seq, values, error: null };
    }
    case "delta": {
      if (message.epoch && topic.epoch && message.epoch !== topic.epoch) return topic;
      if (topic.epoch !== null && message.seq <= topic.seq) return topic;
      const values = new Map(topic.values);
      for (const [key, value] of Object.entries(message.data)) {
        if (value === null) values.delete(key);
        else values.set(key, newer(values.get(key), value));
      }
      return { ...topic, state: "live", seq: message.seq, values, error: null };
    }
    case "error":
      return { ...topic, state: "refused", error: message.data };
  }
}

export interface TopicChanges {
  /** The topic starts anew: what changed before is not known. */
  readonly isFresh: boolean;
  /** New values by key; undefined where one is gone. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** What differs between two states of a topic, by reference. */
export function changesBetween(before: LiveTopic, after: LiveTopic): TopicChanges {
  const values = new Map<string, unknown>();
  for (const [key, value] of after.values) if (before.values.get(key) !== value) values.set(key, value);
  for (const key of before.values.keys()) if (!after.values.has(key)) values.set(key, undefined);
  return { isFresh: after.epoch !== before.epoch, values };
}

interface Versioned {
  id?: unknown;
  rev?: unknown;
}

/**
 * Of two values of one entity the one with the higher `rev`; another entity under the same key (a next run) always
 * replaces. At the same `rev` the one that comes later: a workflow's counts its drawings, and its name changes too.
 */
function newer(known: unknown, next: unknown): unknown {
  const [a, b] = [known as Versioned | undefined, next as Versioned];
  if (typeof a?.rev !== "number" || typeof b?.rev !== "number" || a.id !== b.id) return next;
  if (a.rev !== b.rev) return a.rev > b.rev ? known : next;
  return JSON.stringify(a) === JSON.stringify(b) ? known : next;
}
