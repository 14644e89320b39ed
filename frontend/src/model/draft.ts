/**
 * The copy of unsaved work that this browser keeps: one per workflow, with the revision and graph that it started
 * from.
 */
import { documentFromLists, listsFromDocument, sameJson, type GraphDocument, type GraphLists } from "./records";

export interface Draft {
  readonly workflow_id: string;
  readonly rev: number;
  readonly base: GraphLists;
  readonly graph: GraphLists;
  readonly at: number;
}

/** Where drafts are stored: a browser database in the page, a Map in tests. */
export interface DraftStore {
  read(workflowId: string): Promise<Draft | null>;
  write(draft: Draft): Promise<void>;
  clear(workflowId: string): Promise<void>;
}

export function makeDraft(
  workflowId: string,
  rev: number,
  base: GraphDocument,
  document: GraphDocument,
  at: number,
): Draft {
  return { workflow_id: workflowId, rev, base: listsFromDocument(base), graph: listsFromDocument(document), at };
}

export type Recovery =
  /** Nothing worth keeping. */
  | { readonly type: "none" }
  /** The server has the revision that the draft started from: continue with the draft. */
  | { readonly type: "continue"; readonly document: GraphDocument; readonly at: number }
  /** The server has a newer revision: merge, or ask. */
  | { readonly type: "diverged"; readonly base: GraphDocument; readonly document: GraphDocument; readonly at: number };

export function recoverDraft(draft: Draft | null, rev: number, server: GraphDocument): Recovery {
  if (!draft) return { type: "none" };
  const document = documentFromLists(draft.graph);
  const base = documentFromLists(draft.base);
  if (sameJson(document, server) || sameJson(document, base)) return { type: "none" };
  if (draft.rev === rev) return { type: "continue", document, at: draft.at };
  return { type: "diverged", base, document, at: draft.at };
}
