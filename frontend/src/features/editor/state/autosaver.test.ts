import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LONGEST_MS, PAUSE_MS } from "@/model/autosave";
import type { Draft, DraftStore } from "@/model/draft";
import { setParameter } from "@/model/edits";
import { documentFromLists, type GraphDocument, type GraphLists } from "@/model/records";
import { aGraph, aNode, sampleCatalog } from "@/model/testing/samples";
import { createAutosaver, type PutOutcome } from "./autosaver";
import { createDocumentStore } from "./documentStore";

/** A server in memory: it keeps one graph and its revision, refuses a stale one, and can be made unreachable. */
function aServer(start: GraphDocument) {
  const server = {
    rev: 1,
    document: start,
    saves: 0,
    down: false,
    losesAnswers: false,
    put: async (rev: number, graph: GraphLists): Promise<PutOutcome> => {
      if (server.down) return { type: "unreachable", reason: "No answer." };
      const document = documentFromLists(graph);
      if (rev !== server.rev) return { type: "stale", rev: server.rev, document: server.document, by: "Grace" };
      server.rev += 1;
      server.saves += 1;
      server.document = document;
      if (server.losesAnswers) return { type: "unreachable", reason: "The answer got lost." };
      return { type: "saved", rev: server.rev, problems: [] };
    },
  };
  return server;
}

function someDrafts(): DraftStore & { kept: Map<string, Draft> } {
  const kept = new Map<string, Draft>();
  return {
    kept,
    read: async (id) => kept.get(id) ?? null,
    write: async (draft) => void kept.set(draft.workflow_id, draft),
    clear: async (id) => void kept.delete(id),
  };
}

function anEditor(options: { readOnly?: boolean } = {}) {
  const start = aGraph([aNode("web", "deployment"), aNode("api", "deployment")]);
  const server = aServer(start);
  const drafts = someDrafts();
  const store = createDocumentStore({
    rev: 1,
    document: start,
    problems: [],
    catalog: sampleCatalog,
    readOnly: options.readOnly ?? false,
  });
  const autosaver = createAutosaver(store, "w", server.put, drafts);
  const stop = autosaver.start();
  const type = (text: string, node = "web"): void =>
    store.getState().apply(setParameter(store.getState().document, { type: "node", id: node }, ["image"], text));
  const image = (document: GraphDocument, node = "web") => document.nodes[node]?.parameters.image;
  return { server, drafts, store, autosaver, stop, type, image };
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe("autosave", () => {
  it("saves once after a pause in typing", async () => {
    const editor = anEditor();
    for (const text of ["n", "ng", "nginx"]) {
      editor.type(text);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(editor.server.saves).toBe(0);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect([editor.server.saves, editor.image(editor.server.document)]).toEqual([1, "nginx"]);
    expect(editor.store.getState().save).toMatchObject({ type: "saved", rev: 2 });
  });

  it("saves under steady typing too", async () => {
    const editor = anEditor();
    for (let n = 0; n < 30; n += 1) {
      editor.type(`nginx:${n}`);
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(editor.server.saves).toBeGreaterThanOrEqual(Math.floor(6000 / LONGEST_MS));
  });

  it("undo and redo are saved like any edit", async () => {
    const editor = anEditor();
    editor.type("nginx");
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    editor.store.getState().undo();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(editor.image(editor.server.document)).toBeUndefined();
    editor.store.getState().redo();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(editor.image(editor.server.document)).toBe("nginx");
  });

  it("keeps trying while nobody answers, holds a draft meanwhile, and drops it when all has arrived", async () => {
    const editor = anEditor();
    editor.server.down = true;
    editor.type("nginx");
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 10);
    expect(editor.store.getState().save).toMatchObject({ type: "offline", reason: "No answer." });
    expect(editor.image(documentFromLists(editor.drafts.kept.get("w")!.graph))).toBe("nginx");
    editor.server.down = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(editor.image(editor.server.document)).toBe("nginx");
    expect(editor.drafts.kept.size).toBe(0);
  });

  it("a save whose answer got lost is not a conflict with oneself", async () => {
    const editor = anEditor();
    editor.server.losesAnswers = true;
    editor.type("nginx");
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 10);
    editor.server.losesAnswers = false;
    await vi.advanceTimersByTimeAsync(2000);
    expect(editor.store.getState().conflict).toBeNull();
    expect(editor.store.getState().save).toMatchObject({ type: "saved", rev: 2 });
  });

  it("a stale save stops, shows theirs, and goes on from what the person chooses", async () => {
    const editor = anEditor();
    const theirs = aGraph([
      aNode("web", "deployment"),
      aNode("api", "deployment", { parameters: { image: "theirs" } }),
    ]);
    editor.server.document = theirs;
    editor.server.rev = 5;
    editor.type("mine");
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 10);
    const { conflict, document, rebase } = editor.store.getState();
    expect(conflict).toMatchObject({ rev: 5, by: "Grace" });
    expect(editor.server.document).toBe(theirs);
    const both = { ...document, nodes: { ...document.nodes, api: theirs.nodes.api! } };
    rebase(5, theirs, both, "bring in their edits", Date.now());
    await vi.advanceTimersByTimeAsync(PAUSE_MS + 10);
    expect([editor.image(editor.server.document), editor.image(editor.server.document, "api")]).toEqual([
      "mine",
      "theirs",
    ]);
    editor.store.getState().undo();
    expect(editor.image(editor.store.getState().document, "api")).toBeUndefined();
  });

  it("flush sends what is open at once and says the revision; what the server refuses is said in words", async () => {
    const editor = anEditor();
    editor.type("nginx");
    await expect(editor.autosaver.flush()).resolves.toBe(2);
    await expect(editor.autosaver.flush()).resolves.toBe(2);
    expect(editor.server.saves).toBe(1);
    editor.server.down = true;
    editor.type("later");
    const flushed = editor.autosaver.flush();
    const failed = expect(flushed).rejects.toThrow("No answer.");
    await vi.advanceTimersByTimeAsync(50);
    await failed;
  });

  it("leaving sends what is still open", async () => {
    const editor = anEditor();
    editor.type("nginx");
    editor.stop();
    await vi.advanceTimersByTimeAsync(10);
    expect(editor.image(editor.server.document)).toBe("nginx");
    expect(editor.drafts.kept.size).toBe(0);
  });

  it("a viewer changes and sends nothing", async () => {
    const editor = anEditor({ readOnly: true });
    editor.type("nginx");
    await vi.advanceTimersByTimeAsync(LONGEST_MS);
    expect(editor.server.saves).toBe(0);
    expect(editor.image(editor.store.getState().document)).toBeUndefined();
  });
});
