/**
 * The document: the graph, its undo history, and how much of it is saved.
 * Edits are commands that return a records diff; saving, drafts and undo follow from the diffs alone.
 * No status of the cluster ever enters here.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { nextSave, startSaved, type SaveEvent, type SaveState } from "@/model/autosave";
import type { Catalog } from "@/model/catalog";
import { checkGraph, isToFill, mergeProblems, type Problem } from "@/model/checks";
import { applyEdit, redo, sealStep, startHistory, undo, type Edit, type History } from "@/model/history";
import { diffDocuments, isEmptyDiff, type GraphDocument } from "@/model/records";

/** What somebody else saved first. Nothing is saved until the person has chosen what to keep. */
export interface Conflict {
  readonly rev: number;
  readonly theirs: GraphDocument;
  readonly by: string | null;
}

export interface DocumentState {
  readonly history: History;
  readonly document: GraphDocument;
  /** What the server had at `save.rev`. */
  readonly base: GraphDocument;
  readonly save: SaveState;
  readonly lastEdit: number;
  readonly conflict: Conflict | null;
  readonly serverProblems: readonly Problem[];
  /** Of what stands beside the graph, as a source that the team does not have. */
  readonly besideProblems: readonly Problem[];
  readonly problems: readonly Problem[];
  /** The worst problem of each node and edge that has one. */
  readonly marks: ReadonlyMap<string, Problem["severity"]>;
  /** Nodes whose only errors are required fields without a value. */
  readonly toFill: ReadonlySet<string>;
  readonly readOnly: boolean;
  apply: (edit: Edit) => void;
  undo: () => string | null;
  redo: () => string | null;
  /** Ends a burst of typing: the next edit of the same field is a separate step of undo. */
  seal: () => void;
  saveEvent: (event: SaveEvent) => void;
  /** The server holds exactly `document` at `rev`. */
  saved: (rev: number, document: GraphDocument, problems: readonly Problem[], now: number) => void;
  refused: (reason: string, problems: readonly Problem[]) => void;
  /** The problems of what stands beside the graph are these now. */
  beside: (problems: readonly Problem[]) => void;
  stale: (conflict: Conflict) => void;
  /** `theirs` at `rev` becomes the saved state, and the document becomes `next`; undo takes the step back. */
  rebase: (rev: number, theirs: GraphDocument, next: GraphDocument, label: string, now: number) => void;
}

export type DocumentStore = StoreApi<DocumentState>;

export interface DocumentStart {
  readonly rev: number;
  readonly document: GraphDocument;
  readonly problems: readonly Problem[];
  readonly catalog: Catalog;
  readonly readOnly: boolean;
  /** False: nothing is checked here, since it is shown, not written. */
  readonly checked?: boolean;
  readonly now?: () => number;
}

export function createDocumentStore({
  rev,
  document,
  problems,
  catalog,
  readOnly,
  checked = true,
  now = Date.now,
}: DocumentStart): DocumentStore {
  const judged = (
    state: Pick<DocumentState, "document" | "serverProblems" | "besideProblems">,
  ): Pick<DocumentState, "problems" | "marks" | "toFill"> => {
    const own = checked ? checkGraph(state.document, catalog) : [];
    const found = current([...state.serverProblems, ...state.besideProblems], state.document);
    const problems = mergeProblems(found, own);
    return { problems, marks: marksOf(problems), toFill: toFillOf(problems) };
  };
  return createStore<DocumentState>()((set, get) => {
    const step = (history: History): void => {
      const state = get();
      if (history.document === state.document) {
        if (history !== state.history) set({ history });
        return;
      }
      const at = now();
      set({
        history,
        document: history.document,
        lastEdit: at,
        save: nextSave(state.save, { type: "edited", now: at }),
        ...judged({ ...state, document: history.document }),
      });
    };
    return {
      history: startHistory(document),
      document,
      base: document,
      save: startSaved(rev),
      lastEdit: 0,
      conflict: null,
      serverProblems: problems,
      besideProblems: [],
      readOnly,
      ...judged({ document, serverProblems: problems, besideProblems: [] }),
      apply: (edit) => {
        if (!get().readOnly) step(applyEdit(get().history, edit, now()));
      },
      undo: () => {
        const label = get().history.past.at(-1)?.label ?? null;
        if (!get().readOnly) step(undo(get().history));
        return label;
      },
      redo: () => {
        const label = get().history.future.at(-1)?.label ?? null;
        if (!get().readOnly) step(redo(get().history));
        return label;
      },
      seal: () => set({ history: sealStep(get().history) }),
      saveEvent: (event) => set({ save: nextSave(get().save, event) }),
      saved: (rev, base, serverProblems, at) =>
        set({
          base,
          serverProblems,
          save: nextSave(get().save, { type: "succeeded", rev, now: at }),
          ...judged({ ...get(), serverProblems }),
        }),
      refused: (reason, serverProblems) =>
        set({
          serverProblems,
          save: nextSave(get().save, { type: "rejected", reason }),
          ...judged({ ...get(), serverProblems }),
        }),
      beside: (besideProblems) => set({ besideProblems, ...judged({ ...get(), besideProblems }) }),
      stale: (conflict) => set({ conflict, save: nextSave(get().save, { type: "conflicted" }) }),
      rebase: (rev, theirs, next, label, at) => {
        const { history, document } = get();
        const changed = applyEdit(history, { label, diff: diffDocuments(document, next) }, at);
        set({
          history: changed,
          document: changed.document,
          base: theirs,
          conflict: null,
          lastEdit: at,
          save: nextSave(get().save, {
            type: "rebased",
            rev,
            dirty: !isEmptyDiff(diffDocuments(theirs, next)),
            now: at,
          }),
          ...judged({ ...get(), document: changed.document }),
        });
      },
    };
  });
}

function marksOf(problems: readonly Problem[]): ReadonlyMap<string, Problem["severity"]> {
  const marks = new Map<string, Problem["severity"]>();
  for (const problem of problems) {
    for (const id of [...problem.node_ids, ...problem.edge_ids]) {
      if (marks.get(id) !== "error") marks.set(id, problem.severity);
    }
  }
  return marks;
}

function toFillOf(problems: readonly Problem[]): ReadonlySet<string> {
  const [empty, wrong] = [new Set<string>(), new Set<string>()];
  for (const problem of problems) {
    if (problem.severity !== "error") continue;
    for (const id of problem.node_ids) (isToFill(problem) ? empty : wrong).add(id);
  }
  return new Set([...empty].filter((id) => !wrong.has(id)));
}

/** The problems of the server are about an earlier graph: those of records that are gone since are left out. */
function current(problems: readonly Problem[], document: GraphDocument): Problem[] {
  return problems.filter(
    (problem) =>
      problem.node_ids.every((id) => document.nodes[id]) && problem.edge_ids.every((id) => document.edges[id]),
  );
}
