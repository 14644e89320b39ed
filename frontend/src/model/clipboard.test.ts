import { expect, it } from "vitest";
import { indexCatalog } from "./catalog";
import { copyFragment, duplicateFragment, fragmentFromText, fragmentToText } from "./clipboard";
import { paste } from "./edits";
import { applyDiff } from "./records";
import { aGraph, aNode, sampleCatalog, seeded, shop } from "./testing/samples";

it("copies as text and pastes with new ids, free names and inner edges", () => {
  const fragment = fragmentFromText(fragmentToText(copyFragment(shop, ["web", "app"])))!;
  const { edit, nodeIds } = paste(shop, sampleCatalog, fragment, { x: 20, y: 20 }, seeded(1));
  const after = applyDiff(shop, edit.diff);
  expect(nodeIds.map((id) => after.nodes[id]?.name)).toEqual(["web-2", "app-2"]);
  expect(Object.keys(after.edges)).toHaveLength(3);
});

it("a duplicate comes without the lines of which an end may have but one", () => {
  const once = { ...sampleCatalog.relations[0]!, one_per: ["source"] };
  const catalog = indexCatalog({ ...sampleCatalog, relations: [once, ...sampleCatalog.relations.slice(1)] });
  const graph = aGraph(
    [aNode("web", "service"), aNode("app", "deployment"), aNode("conf", "configmap")],
    [
      ["web", "app", "routes"],
      ["conf", "app", "mounts"],
    ],
  );
  const { edit } = paste(graph, catalog, duplicateFragment(graph, ["app"]), { x: 20, y: 20 }, seeded(1));
  expect(Object.values(edit.diff.edges.added).map((edge) => [edge.source, edge.relation])).toEqual([
    ["conf", "mounts"],
  ]);
  const both = paste(graph, catalog, duplicateFragment(graph, ["web", "app"]), { x: 20, y: 20 }, seeded(1));
  expect(Object.values(both.edit.diff.edges.added).map((edge) => edge.relation)).toEqual(["routes", "mounts"]);
});

it.each([
  "",
  "hello",
  "{}",
  '{"format":"kubeorch/graph-fragment@1","nodes":[{"id":1}]}',
  '{"format":"kubeorch/graph-fragment@1"',
])("foreign text on the clipboard does no harm: %s", (text) => {
  expect(fragmentFromText(text)?.nodes ?? []).toEqual([]);
});
