import { describe, expect, it } from "vitest";
import type { Recovery } from "@/model/draft";
import { aGraph, aNode, sampleCatalog } from "@/model/testing/samples";
import { openSession } from "./openSession";

const theirs = aGraph([aNode("web", "deployment")]);
const mine = aGraph([aNode("web", "deployment", { parameters: { image: "mine" } })]);

function opened(recovery: Recovery, readOnly = false) {
  const session = openSession({
    workflowId: "w",
    graph: { rev: 5, document: theirs, problems: [], recovery },
    catalog: sampleCatalog,
    environmentIds: ["dev", "prod"],
    linkedEnvironment: "prod",
    readOnly,
  });
  return { ...session.document.getState(), view: session.view.getState(), store: session.document };
}

describe("opening a workflow", () => {
  it("shows what the server has, in the environment of the link", () => {
    const { document, save, view } = opened({ type: "none" });
    expect(document).toBe(theirs);
    expect(save).toMatchObject({ type: "saved", rev: 5 });
    expect(view.environmentId).toBe("prod");
    expect(view.nodes.map((node) => node.id)).toEqual(["web"]);
  });

  it("goes on from edits that this browser kept, which undo takes back", () => {
    const { document, save, store } = opened({ type: "continue", document: mine, at: 0 });
    expect(document.nodes.web?.parameters.image).toBe("mine");
    expect(save.type).toBe("dirty");
    store.getState().undo();
    expect(store.getState().document.nodes.web?.parameters.image).toBeUndefined();
  });

  it("asks which to keep when somebody else saved in the meantime", () => {
    const base = aGraph([aNode("web", "deployment", { parameters: { image: "old" } })]);
    const { conflict, save, document } = opened({ type: "diverged", base, document: mine, at: 0 } as Recovery);
    expect(conflict).toMatchObject({ rev: 5, theirs });
    expect([save.type, document.nodes.web?.parameters.image]).toEqual(["stale", "mine"]);
  });

  it("leaves kept edits alone for a viewer", () => {
    expect(opened({ type: "continue", document: mine, at: 0 }, true).document).toBe(theirs);
  });
});
