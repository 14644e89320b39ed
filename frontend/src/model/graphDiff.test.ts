import { expect, it } from "vitest";
import { setParameter } from "./edits";
import { describeDiff } from "./graphDiff";
import { applyDiff } from "./records";
import { shop } from "./testing/samples";

it("describes a difference field by field, and a move as none", () => {
  const after = applyDiff(shop, setParameter(shop, { type: "node", id: "app" }, ["replicas"], 3).diff);
  expect(describeDiff(shop, after)).toMatchObject([
    { title: "app", change: "modified", fields: [{ path: "replicas", from: undefined, to: 3 }] },
  ]);
  const moved = { ...shop, nodes: { ...shop.nodes, app: { ...shop.nodes.app!, position: { x: 9, y: 9 } } } };
  expect(describeDiff(shop, moved)).toEqual([]);
});
