import { describe, expect, it } from "vitest";
import { remove, setParameter } from "./edits";
import { mergeDocuments } from "./merge";
import { applyDiff } from "./records";
import { shop } from "./testing/samples";

describe("merging with what somebody else saved", () => {
  const set = (id: string, name: string, value: string) =>
    applyDiff(shop, setParameter(shop, { type: "node", id }, [name], value).diff);

  it("keeps both edits when they touch different nodes, or different fields of one", () => {
    const merged = mergeDocuments(shop, set("app", "image", "nginx"), set("web", "type", "NodePort"));
    expect(merged.clashes).toEqual([]);
    expect(merged.document.nodes.app?.parameters).toEqual({ image: "nginx" });
    expect(merged.document.nodes.web?.parameters).toEqual({ type: "NodePort" });
    expect(
      mergeDocuments(shop, set("app", "image", "nginx"), set("app", "command", "x")).document.nodes.app?.parameters,
    ).toEqual({
      image: "nginx",
      command: "x",
    });
  });
  it("names the field that both changed and holds mine there", () => {
    const merged = mergeDocuments(shop, set("app", "image", "mine"), set("app", "image", "theirs"));
    expect(merged.clashes).toEqual([
      { type: "node", id: "app", field: "parameters.image", mine: "mine", theirs: "theirs" },
    ]);
    expect(merged.document.nodes.app?.parameters.image).toBe("mine");
  });
  it("tells when one removed what the other changed, and drops edges that lost an end", () => {
    const without = applyDiff(shop, remove(shop, ["app"]).diff);
    expect(mergeDocuments(shop, set("app", "image", "x"), without).clashes).toMatchObject([
      { id: "app", mine: "changed", theirs: "removed" },
    ]);
    const mine = applyDiff(shop, {
      nodes: { added: {}, updated: {}, removed: {} },
      edges: {
        added: { n: { id: "n", source: "conf", target: "app", relation: "env", parameters: {} } },
        updated: {},
        removed: {},
      },
    });
    const merged = mergeDocuments(shop, mine, without);
    expect(merged.droppedEdges).toEqual(["n"]);
    expect(Object.keys(merged.document.edges)).toEqual(["front--web--exposes"]);
  });
});
