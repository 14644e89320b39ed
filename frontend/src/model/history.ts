/**
 * Undo and redo over record differences. An edit is a labelled diff; `merge` is the key of edits that merge with it.
 */
import { applyDiff, composeDiffs, invertDiff, isEmptyDiff, type GraphDocument, type RecordsDiff } from "./records";

export interface Edit {
  /** Shown in menus: "Undo move". */
  readonly label: string;
  readonly diff: RecordsDiff;
  /** Edits with the same key that follow one another within `MERGE_MS` become one undo step (typing, nudging). */
  readonly merge?: string;
}

export interface Step extends Edit {
  readonly at: number;
}

export interface History {
  readonly document: GraphDocument;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const MERGE_MS = 1200;
export const HISTORY_LIMIT = 500;

export function startHistory(document: GraphDocument): History {
  return { document, past: [], future: [] };
}

/** The history after `edit` at time `now` (ms); an edit that changes nothing gives the same history back. */
export function applyEdit(history: History, edit: Edit, now: number): History {
  if (isEmptyDiff(edit.diff)) return history;
  const document = applyDiff(history.document, edit.diff);
  const last = history.past.at(-1);
  const joins =
    last !== undefined && edit.merge !== undefined && last.merge === edit.merge && now - last.at <= MERGE_MS;
  if (!joins) {
    const past = [...history.past, { ...edit, at: now }].slice(-HISTORY_LIMIT);
    return { document, past, future: [] };
  }
  const diff = composeDiffs(last.diff, edit.diff);
  const earlier = history.past.slice(0, -1);
  // Typed and taken back: nothing is left to undo.
  return { document, past: isEmptyDiff(diff) ? earlier : [...earlier, { ...last, diff, at: now }], future: [] };
}

/** Ends a burst of typing, so that the next edit with the same key is a step of its own. */
export function sealStep(history: History): History {
  const last = history.past.at(-1);
  if (last?.merge === undefined) return history;
  const { merge: _merge, ...sealed } = last;
  return { ...history, past: [...history.past.slice(0, -1), sealed] };
}

export function undo(history: History): History {
  const step = history.past.at(-1);
  if (step === undefined) return history;
  return {
    document: applyDiff(history.document, invertDiff(step.diff)),
    past: history.past.slice(0, -1),
    future: [...history.future, unmerged(step)],
  };
}

export function redo(history: History): History {
  const step = history.future.at(-1);
  if (step === undefined) return history;
  return {
    document: applyDiff(history.document, step.diff),
    past: [...history.past, step],
    future: history.future.slice(0, -1),
  };
}

function unmerged(step: Step): Step {
  const { merge: _merge, ...rest } = step;
  return rest;
}
