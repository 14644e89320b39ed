import { describe, expect, it } from "vitest";
import { checkGraph, mergeProblems, isPatch } from "./checks";
import { documentFromLists } from "./records";
import { aGraph, aNode, sampleCatalog, shop } from "./testing/samples";

describe("checks", () => {
  it("a sound graph has no problems", () => expect(checkGraph(shop, sampleCatalog)).toEqual([]));
  it("two nodes of one kind with one name are a problem; of different kinds they are not", () => {
    const graph = aGraph([
      aNode("a", "service", { name: "web" }),
      aNode("b", "service", { name: "web" }),
      aNode("c", "deployment", { name: "web" }),
    ]);
    expect(checkGraph(graph, sampleCatalog)).toMatchObject([{ code: "graph.duplicate_name", node_ids: ["a", "b"] }]);
  });
  it("a loop names the nodes on it and not those behind it", () => {
    const nodes = ["a", "b", "c", "d", "e"].map((id) => aNode(id, "deployment"));
    const graph = aGraph(nodes, [
      ["e", "a", "waits"],
      ["a", "b", "waits"],
      ["b", "c", "waits"],
      ["c", "a", "waits"],
      ["c", "d", "waits"],
    ]);
    expect(checkGraph(graph, sampleCatalog)).toMatchObject([{ code: "graph.cycle", node_ids: ["a", "b", "c"] }]);
  });
  it("a wrong pair, a dangling edge and a double edge are found at once", () => {
    const graph = documentFromLists({
      nodes: Object.values(shop.nodes),
      edges: [
        { id: "e1", source: "front", target: "app", relation: "exposes", parameters: {} },
        { id: "e2", source: "web", target: "gone", relation: "routes", parameters: {} },
        { id: "e3", source: "web", target: "app", relation: "routes", parameters: {} },
        { id: "e4", source: "web", target: "app", relation: "routes", parameters: {} },
      ],
    });
    expect(
      checkGraph(graph, sampleCatalog)
        .map((problem) => problem.code)
        .sort(),
    ).toEqual(["graph.dangling_edge", "graph.duplicate_edge", "graph.wrong_pair"]);
  });
  it("what the server says is not said twice", () => {
    const twice = checkGraph(aGraph([aNode("a", "service", { name: "Web" })]), sampleCatalog);
    expect(mergeProblems(twice, twice)).toHaveLength(1);
  });
});

it.each([
  ["nodes.web.patch", true],
  ["nodes.web.patch.metadata.name", true],
  ["patch", true],
  ["nodes.web.parameters.patch", false],
  ["nodes.web.patched", false],
  [null, false],
])("%s belongs to the patch: %s", (field, expected) => {
  expect(isPatch(field)).toBe(expected);
});
