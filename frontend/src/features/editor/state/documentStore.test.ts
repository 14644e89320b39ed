import { describe, expect, it } from "vitest";
import type { Problem } from "@/model/checks";
import { remove, rename, setParameter } from "@/model/edits";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";

function aProblem(part: Partial<Problem>): Problem {
  return { code: "x", detail: "x", severity: "warning", field: null, node_ids: [], edge_ids: [], ...part };
}
function aDocument(options: { readOnly?: boolean; problems?: Problem[] } = {}) {
  const session = aSession({ document: aGraph([aNode("web", "deployment"), aNode("api", "deployment")]), ...options });
  return session.document.getState;
}
const image = (value: string) => (graph: Parameters<typeof setParameter>[0]) =>
  setParameter(graph, { type: "node", id: "web" }, ["image"], value);

describe("the document", () => {
  it("takes a burst of typing back in one step, until the field is left", () => {
    const store = aDocument();
    for (const text of ["n", "ng", "nginx"]) store().apply(image(text)(store().document));
    store().seal();
    store().apply(image("redis")(store().document));
    expect(store().undo()).toBe("edit image");
    expect(store().document.nodes.web?.parameters.image).toBe("nginx");
    store().undo();
    expect(store().document.nodes.web?.parameters.image).toBeUndefined();
    expect(store().redo()).toBe("edit image");
    expect(store().document.nodes.web?.parameters.image).toBe("nginx");
  });

  it("is not saved any more after an edit, nor after its undo", () => {
    const store = aDocument();
    expect(store().save.type).toBe("saved");
    store().apply(image("nginx")(store().document));
    expect(store().save.type).toBe("dirty");
  });

  it("changes nothing for a viewer", () => {
    const store = aDocument({ readOnly: true });
    const before = store().document;
    store().apply(image("nginx")(before));
    expect(store().document).toBe(before);
  });

  it("marks each node with its worst problem, and forgets problems of nodes that are gone", () => {
    const store = aDocument({
      problems: [
        aProblem({ node_ids: ["web"] }),
        aProblem({ node_ids: ["web", "api"], severity: "error" }),
        aProblem({ node_ids: ["api"] }),
      ],
    });
    expect([...store().marks]).toEqual([
      ["web", "error"],
      ["api", "error"],
    ]);
    store().apply(remove(store().document, ["web"]));
    expect([...store().marks]).toEqual([["api", "warning"]]);
  });

  it("finds problems by itself, before the server has answered", () => {
    const store = aDocument();
    store().apply(rename(store().document, "web", "api"));
    expect(store().problems.map((problem) => problem.code)).toContain("graph.duplicate_name");
  });

  it("stands on another revision after a choice, with an undo that brings back what was there", () => {
    const store = aDocument();
    const mine = store().document;
    const theirs = aGraph([aNode("web", "deployment")]);
    store().rebase(7, theirs, theirs, "take their version", 0);
    expect(store().save).toMatchObject({ type: "saved", rev: 7 });
    expect(store().document).toEqual(theirs);
    expect(store().undo()).toBe("take their version");
    expect(store().document).toEqual(mine);
    expect(store().save.type).toBe("dirty");
  });
});
