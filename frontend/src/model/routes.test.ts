import { expect, test } from "vitest";
import { CARD } from "./place";
import { linePorts } from "./ports";
import type { EdgeRecord, NodeRecord } from "./records";
import { lineRoutes, rememberedRoutes, routePath } from "./routes";

const nodesAt = (places: Record<string, [number, number]>): Record<string, NodeRecord> =>
  Object.fromEntries(
    Object.entries(places).map(([id, [x, y]]) => [id, { id, position: { x, y } } as unknown as NodeRecord]),
  );
const edgesOf = (...pairs: [string, string][]): Record<string, EdgeRecord> =>
  Object.fromEntries(
    pairs.map(([source, target]) => [
      `${source}-${target}`,
      { id: `${source}-${target}`, source, target } as EdgeRecord,
    ]),
  );
const routesOf = (nodes: Record<string, NodeRecord>, edges: Record<string, EdgeRecord>) =>
  lineRoutes(edges, nodes, linePorts(edges, nodes));

test("a line with nothing in its way is left as it is", () => {
  const nodes = nodesAt({ a: [0, 0], b: [300, 100], c: [600, 0] });
  expect([...routesOf(nodes, edgesOf(["a", "b"], ["b", "c"])).keys()]).toEqual([]);
});

test("a line goes around the card that stands between its ends", () => {
  const nodes = nodesAt({ a: [0, 0], b: [300, 0], c: [600, 0] });
  const route = routesOf(nodes, edgesOf(["a", "c"])).get("a-c");
  expect(route).toMatchObject({ out: 260, into: 560 });
  expect([-18, CARD.height + 18]).toContain(route?.y);
});

test("a line turns in the gap where only its middle would be behind a card", () => {
  // The middle of the line lies in the column of `b`, which stands between both heights.
  const nodes = nodesAt({ a: [0, 0], b: [300, 100], c: [600, 200] });
  const route = routesOf(nodes, edgesOf(["a", "c"])).get("a-c");
  expect([nodes.a?.position.y, nodes.c?.position.y].map((y) => (y ?? 0) + CARD.height / 2)).toContain(route?.y);
});

test("no line that has a way runs behind a card", () => {
  const places: Record<string, [number, number]> = {};
  for (let column = 0; column < 5; column += 1)
    for (let row = 0; row < 6; row += 1) places[`${column}${row}`] = [column * 300, row * 100 + (column % 2) * 50];
  const nodes = nodesAt(places);
  const edges = edgesOf(
    ...Object.keys(places).flatMap((one, index): [string, string][] => {
      const other = `${Math.min(4, Number(one[0]) + 1 + (index % 4))}${(index * 5) % 6}`;
      return other[0] === one[0] ? [] : [[one, other]];
    }),
  );
  const routes = routesOf(nodes, edges);
  expect(routes.size).toBeGreaterThan(5);
  for (const { source, target, out, y, into } of routes.values()) {
    const legs = [
      [source.x, source.y, out, source.y],
      [out, source.y, out, y],
      [out, y, into, y],
      [into, y, into, target.y],
      [into, target.y, target.x, target.y],
    ] as const;
    for (const [x1, y1, x2, y2] of legs)
      for (const { position } of Object.values(nodes)) {
        const inside =
          Math.max(x1, x2) > position.x + 1 &&
          Math.min(x1, x2) < position.x + CARD.width - 1 &&
          Math.max(y1, y2) > position.y &&
          Math.min(y1, y2) < position.y + CARD.height;
        expect(inside).toBe(false);
      }
  }
});

test("the path begins and ends where the cards are, and the word stands on its long part", () => {
  const [path, x, y] = routePath({ source: { x: 220, y: 32 }, target: { x: 600, y: 32 }, out: 260, y: 82, into: 560 });
  expect(path.startsWith("M220 32")).toBe(true);
  expect(path.endsWith("L600 32")).toBe(true);
  expect([x, y]).toEqual([410, 82]);
});

test("ways are looked for anew only where a line or a card has moved", () => {
  const nodes = nodesAt({ a: [0, 0], b: [300, 0], c: [600, 0] });
  const edges = edgesOf(["a", "c"]);
  const routesOf = rememberedRoutes();
  const first = routesOf(edges, nodes, new Map());
  const { b } = nodes as { b: NodeRecord };
  expect(routesOf(edges, { ...nodes, b: { ...b, name: "other" } }, new Map())).toBe(first);
  expect(routesOf(edges, { ...nodes, b: { ...b, position: { x: 300, y: 500 } } }, new Map()).size).toBe(0);
  expect(routesOf(edgesOf(), nodes, new Map()).size).toBe(0);
});
