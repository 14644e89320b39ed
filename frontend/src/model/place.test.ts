import { expect, it } from "vitest";
import { CARD, freeOffset, freeSpot } from "./place";
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

it("finds room for what is pasted, as a whole, beside what is there", () => {
  const graph = aGraph([
    aNode("a", "service", { position: { x: 0, y: 0 } }),
    aNode("b", "service", { position: { x: 260, y: 100 } }),
  ]);
  const places = [
    { x: 0, y: 0 },
    { x: 260, y: 0 },
  ];
  const offset = freeOffset(graph, places, { x: 20, y: 20 });
  for (const place of places) {
    for (const { position } of Object.values(graph.nodes)) {
      const apart =
        Math.abs(place.x + offset.x - position.x) >= CARD.width ||
        Math.abs(place.y + offset.y - position.y) >= CARD.height;
      expect(apart).toBe(true);
    }
  }
  expect(freeOffset(aGraph([]), places, { x: 20, y: 20 })).toEqual({ x: 20, y: 20 });
});
