import { expect, it } from "vitest";
import { CARD, freeSpot } from "./place";
import { aGraph, aNode } from "./testing/samples";

it("finds room for a hundred cards without one over another", () => {
  let graph = aGraph([]);
  for (let n = 0; n < 100; n += 1) {
    const position = freeSpot(graph, { x: 500, y: 300 });
    for (const other of Object.values(graph.nodes)) {
      const apart =
        Math.abs(other.position.x - position.x) >= CARD.width || Math.abs(other.position.y - position.y) >= CARD.height;
      expect(apart).toBe(true);
    }
    graph = aGraph([...Object.values(graph.nodes), aNode(`n${n}`, "service", { position })]);
  }
});
