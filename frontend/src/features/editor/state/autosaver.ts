/** Saves the document: after a pause, again after a failure, with a draft in this browser, and at once before a run. */
import { dueAt, holdsUnsaved } from "@/model/autosave";
import type { Problem } from "@/model/checks";
import { makeDraft, type DraftStore } from "@/model/draft";
import { listsFromDocument, sameJson, type GraphDocument, type GraphLists } from "@/model/records";
import type { DocumentStore } from "./documentStore";

export type PutOutcome =
  | { readonly type: "saved"; readonly rev: number; readonly problems: readonly Problem[] }
  | { readonly type: "stale"; readonly rev: number; readonly document: GraphDocument; readonly by: string | null }
  | { readonly type: "refused"; readonly reason: string; readonly problems: readonly Problem[] }
  | { readonly type: "unreachable"; readonly reason: string };

export type PutGraph = (rev: number, graph: GraphLists) => Promise<PutOutcome>;

export interface Autosaver {
  /** Saves all edits now and resolves with the saved revision; rejects with the reason as a sentence. */
  flush: () => Promise<number>;
  /** Tries again at once (the person pressed Retry). */
  retry: () => void;
  /** Watches the document from now on; the returned function ends this and saves the edits that are left. */
  start: () => () => void;
}

const DRAFT_PAUSE_MS = 250;

export function createAutosaver(
  store: DocumentStore,
  workflowId: string,
  put: PutGraph,
  drafts: DraftStore,
): Autosaver {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let draftTimer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let stopped = true;

  const keepDraft = (): void => {
    const { save, base, document } = store.getState();
    const done = holdsUnsaved(save)
      ? drafts.write(makeDraft(workflowId, save.rev, base, document, Date.now()))
      : drafts.clear(workflowId);
    // Where the browser stores nothing (private window, full disk), saving to the server still works.
    done.catch(() => undefined);
  };

  const send = async (): Promise<void> => {
    const { document, save } = store.getState();
    store.getState().saveEvent({ type: "sent" });
    let outcome: PutOutcome;
    try {
      outcome = await put(save.rev, listsFromDocument(document));
    } catch (error) {
      outcome = { type: "unreachable", reason: error instanceof Error ? error.message : String(error) };
    }
    const state = store.getState();
    switch (outcome.type) {
      case "saved":
        state.saved(outcome.rev, document, outcome.problems, Date.now());
        break;
      case "stale":
        // Our own save, whose answer got lost, looks like a conflict.
        if (sameJson(outcome.document, document)) state.saved(outcome.rev, document, state.serverProblems, Date.now());
        else state.stale({ rev: outcome.rev, theirs: outcome.document, by: outcome.by });
        break;
      case "refused":
        state.refused(outcome.reason, outcome.problems);
        break;
      case "unreachable":
        state.saveEvent({ type: "unreachable", reason: outcome.reason, now: Date.now() });
        break;
    }
    keepDraft();
  };

  const sendOnce = (): Promise<void> => {
    clearTimeout(timer);
    running ??= send().finally(() => {
      running = null;
      schedule();
    });
    return running;
  };

  const schedule = (): void => {
    clearTimeout(timer);
    if (stopped || running) return;
    const { save, lastEdit } = store.getState();
    const due = dueAt(save, lastEdit);
    if (due !== null) timer = setTimeout(() => void sendOnce(), Math.max(0, due - Date.now()));
  };

  const start = (): (() => void) => {
    stopped = false;
    const unsubscribe = store.subscribe((state, before) => {
      if (state.document !== before.document) {
        clearTimeout(draftTimer);
        draftTimer = setTimeout(keepDraft, DRAFT_PAUSE_MS);
      }
      if (state.save !== before.save || state.lastEdit !== before.lastEdit) schedule();
    });
    schedule();
    return () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(draftTimer);
      unsubscribe();
      if (!holdsUnsaved(store.getState().save)) return;
      keepDraft();
      void sendLast();
    };
  };

  /** The editor was closed: saves the edits that are left; their draft is kept until the server has them. */
  const sendLast = async (): Promise<void> => {
    await running;
    const { document, save } = store.getState();
    if (save.type !== "dirty" && save.type !== "offline" && save.type !== "saving") return;
    if (!stopped) return;
    const outcome = await put(save.rev, listsFromDocument(document)).catch(() => null);
    if (outcome?.type !== "saved") return;
    store.getState().saveEvent({ type: "sent" });
    store.getState().saved(outcome.rev, document, outcome.problems, Date.now());
    await drafts.clear(workflowId).catch(() => undefined);
  };

  return {
    flush: async () => {
      for (let round = 0; round < 20; round += 1) {
        const { save } = store.getState();
        if (save.type === "saved") return save.rev;
        if (save.type === "stale")
          throw new Error("Somebody else saved this workflow meanwhile. Choose which edits to keep first.");
        if (save.type === "refused") throw new Error(save.reason);
        if (save.type === "offline" && round > 0) throw new Error(save.reason);
        await sendOnce();
      }
      throw new Error("The graph changes faster than it can be saved.");
    },
    retry: () => {
      const { save } = store.getState();
      if (save.type === "refused") store.getState().saveEvent({ type: "edited", now: Date.now() });
      void sendOnce();
    },
    start,
  };
}
