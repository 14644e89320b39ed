import { expect, it } from "vitest";
import { linePorts } from "./ports";
import { aGraph, aNode } from "./testing/samples";

it("no two lines share a point of a card, and they do not cross at it", () => {
  const at = (y: number) => ({ position: { x: 0, y } });
  const graph = aGraph(
    [aNode("low", "service", at(300)), aNode("high", "service", at(0)), aNode("web", "deployment", at(100))],
    [
      ["low", "web", "routes"],
      ["high", "web", "routes"],
    ],
  );
  const ports = linePorts(graph.edges, graph.nodes);
  expect(ports.get("high--web--routes")).toEqual({ from: 0, to: -6 });
  expect(ports.get("low--web--routes")).toEqual({ from: 0, to: 6 });
});

it("many lines keep within the side of the card", () => {
  const many = Array.from({ length: 40 }, (_, n) => aNode(`n${n}`, "service", { position: { x: 0, y: n } }));
  const graph = aGraph(
    [...many, aNode("web", "deployment")],
    many.map((node) => [node.id, "web", "routes"]),
  );
  const offsets = [...linePorts(graph.edges, graph.nodes).values()].map((port) => port.to);
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(-20);
  expect(Math.max(...offsets)).toBeLessThanOrEqual(20);
});
