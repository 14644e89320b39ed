/**
 * Autosave as a state machine without clock or network: events go in, what to show and what to do next comes out.
 * Every edit is in the local draft before it is sent, so nothing is lost in any state.
 */
import { delayMs, type Backoff } from "./backoff";

export type SaveState =
  /** The server has everything. `savedAt` is null before the first save of this visit. */
  | { readonly type: "saved"; readonly rev: number; readonly savedAt: number | null }
  /** Edits wait for a pause in typing. */
  | { readonly type: "dirty"; readonly rev: number; readonly since: number }
  /** A request is under way; `edited` tells whether more was drawn meanwhile. */
  | { readonly type: "saving"; readonly rev: number; readonly edited: boolean; readonly attempt: number }
  /** The last try did not arrive; another follows at `retryAt`. */
  | {
      readonly type: "offline";
      readonly rev: number;
      readonly attempt: number;
      readonly retryAt: number;
      readonly reason: string;
    }
  /** The server refused this content; only another edit can help. */
  | { readonly type: "refused"; readonly rev: number; readonly reason: string }
  /** Another save came first; the person chooses. */
  | { readonly type: "stale"; readonly rev: number };

export type SaveEvent =
  | { readonly type: "edited"; readonly now: number }
  | { readonly type: "sent" }
  | { readonly type: "succeeded"; readonly rev: number; readonly now: number }
  | { readonly type: "unreachable"; readonly reason: string; readonly now: number }
  | { readonly type: "rejected"; readonly reason: string }
  | { readonly type: "conflicted" }
  /** The conflict is resolved: the document is based on `rev`, with or without unsaved edits. */
  | { readonly type: "rebased"; readonly rev: number; readonly dirty: boolean; readonly now: number };

/** Wait for a pause this long after an edit; under steady typing, save at least every `LONGEST_MS`. */
export const PAUSE_MS = 600;
export const LONGEST_MS = 4000;
const RETRY: Backoff = { firstMs: 1000, mostMs: 30_000 };

export function startSaved(rev: number): SaveState {
  return { type: "saved", rev, savedAt: null };
}

export function nextSave(state: SaveState, event: SaveEvent): SaveState {
  switch (event.type) {
    case "edited":
      switch (state.type) {
        case "saved":
        case "refused":
          return { type: "dirty", rev: state.rev, since: event.now };
        case "saving":
          return state.edited ? state : { ...state, edited: true };
        case "dirty":
        case "offline":
        case "stale":
          return state;
      }
      return state;
    case "sent":
      return state.type === "dirty" || state.type === "offline"
        ? { type: "saving", rev: state.rev, edited: false, attempt: state.type === "offline" ? state.attempt : 0 }
        : state;
    case "succeeded":
      if (state.type !== "saving") return state;
      return state.edited
        ? { type: "dirty", rev: event.rev, since: event.now }
        : { type: "saved", rev: event.rev, savedAt: event.now };
    case "unreachable": {
      if (state.type !== "saving") return state;
      const attempt = state.attempt + 1;
      return {
        type: "offline",
        rev: state.rev,
        attempt,
        retryAt: event.now + delayMs(RETRY, attempt),
        reason: event.reason,
      };
    }
    case "rejected":
      if (state.type !== "saving") return state;
      return state.edited
        ? { type: "dirty", rev: state.rev, since: 0 }
        : { type: "refused", rev: state.rev, reason: event.reason };
    case "conflicted":
      return state.type === "saving" ? { type: "stale", rev: state.rev } : state;
    case "rebased":
      return event.dirty
        ? { type: "dirty", rev: event.rev, since: event.now }
        : { type: "saved", rev: event.rev, savedAt: event.now };
  }
}

/** When the next request should go out (ms), or null when none is due. `lastEdit` is the time of the latest edit. */
export function dueAt(state: SaveState, lastEdit: number): number | null {
  switch (state.type) {
    case "dirty":
      return Math.min(lastEdit + PAUSE_MS, state.since + LONGEST_MS);
    case "offline":
      return state.retryAt;
    case "saved":
    case "saving":
    case "refused":
    case "stale":
      return null;
  }
}

/** True when leaving the page now would leave edits that only this browser has. */
export function holdsUnsaved(state: SaveState): boolean {
  return state.type !== "saved";
}
