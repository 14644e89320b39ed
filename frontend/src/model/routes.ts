/** Ways of lines around the cards that stand between their ends. */
import { CARD } from "./place";
import type { LinePorts } from "./ports";
import type { EdgeRecord, NodeRecord, Point } from "./records";

/** A line that leaves its card, turns at `out` to the height `y`, and at `into` to that of its other end. */
export interface Route {
  /** The ends for which it was found: a card that is being dragged has other ones. */
  readonly source: Point;
  readonly target: Point;
  readonly out: number;
  readonly y: number;
  readonly into: number;
}

export const isSameRoute = (one: Route | undefined, other: Route | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    isSamePoint(one.source, other.source) &&
    isSamePoint(one.target, other.target) &&
    one.out === other.out &&
    one.y === other.y &&
    one.into === other.into);

export const isSamePoint = (one: Point, other: Point): boolean => one.x === other.x && one.y === other.y;

/** From a card to a line beside it; half of the room that layouts leave between two. */
const ASIDE = 40;
const BESIDE = 18;
/** Room that a line keeps to a card. */
const CLEAR = 6;
const CELL = 200;
/** Of a line that is led around something; longer ones cross too much to be told apart anyway. */
const LONGEST = 3000;
/** Heights that are tried for one line, the nearest first. */
const TRIED_MOST = 12;

export type RoutesOf = (
  edges: Readonly<Record<string, EdgeRecord>>,
  nodes: Readonly<Record<string, NodeRecord>>,
  ports: ReadonlyMap<string, LinePorts>,
) => ReadonlyMap<string, Route>;

/** The same, looked for anew only where a line or the place of a card has changed. */
export function rememberedRoutes(): RoutesOf {
  let lines: Readonly<Record<string, EdgeRecord>> | null = null;
  let places: ReadonlyMap<string, Point> = new Map();
  let found: ReadonlyMap<string, Route> = new Map();
  return (edges, nodes, ports) => {
    const cards = Object.values(nodes);
    const isSame =
      lines === edges && places.size === cards.length && cards.every(({ id, position }) => places.get(id) === position);
    if (!isSame) {
      lines = edges;
      places = new Map(cards.map(({ id, position }) => [id, position]));
      found = lineRoutes(edges, nodes, ports);
    }
    return found;
  };
}

/**
 * The lines that would run behind cards, each with a way around them. A line without one is drawn as ever: straight
 * through the middle. Cost: a few look-ups for each line, and for each height that is tried.
 */
export function lineRoutes(
  edges: Readonly<Record<string, EdgeRecord>>,
  nodes: Readonly<Record<string, NodeRecord>>,
  ports: ReadonlyMap<string, LinePorts>,
): ReadonlyMap<string, Route> {
  const cards = new Cards(Object.values(nodes));
  const routes = new Map<string, Route>();
  for (const { id, source, target } of Object.values(edges)) {
    const [one, other] = [nodes[source], nodes[target]];
    if (!one || !other || source === target) continue;
    const { from = 0, to = 0 } = ports.get(id) ?? {};
    const start = { x: one.position.x + CARD.width, y: one.position.y + CARD.height / 2 + from };
    const end = { x: other.position.x, y: other.position.y + CARD.height / 2 + to };
    const isLong = end.x - start.x > LONGEST || Math.abs(end.y - start.y) > LONGEST;
    if (end.x - start.x < 2 * ASIDE || isLong) continue;
    const middle = (start.x + end.x) / 2;
    const isFree = (x: number, y: number, last: number): boolean =>
      cards.leave(start.x + 1, x, start.y, start.y) &&
      cards.leave(x, x, start.y, y) &&
      cards.leave(x, last, y, y) &&
      cards.leave(last, last, y, end.y) &&
      cards.leave(last, end.x - 1, end.y, end.y);
    if (isFree(middle, end.y, middle)) continue;
    // Lines of one card turn one beside the other.
    const [out, into] = [start.x + ASIDE - from / 2, end.x - ASIDE + to / 2];
    const length = (y: number): number => Math.abs(start.y - y) + Math.abs(end.y - y);
    const y = [start.y, end.y, ...cards.gaps(out, into, start.y, end.y).map((gap) => gap + from / 4)]
      .toSorted((a, b) => length(a) - length(b))
      .slice(0, TRIED_MOST)
      .find((height) => isFree(out, height, into));
    if (y !== undefined) routes.set(id, { source: start, target: end, out, y, into });
  }
  return routes;
}

/** Cards by the squares of the plane that they lie in. */
class Cards {
  private readonly cells = new Map<number, Point[]>();

  constructor(nodes: readonly NodeRecord[]) {
    for (const { position } of nodes)
      for (const key of cellsOf(position.x, position.x + CARD.width, position.y, position.y + CARD.height)) {
        const cell = this.cells.get(key);
        if (cell) cell.push(position);
        else this.cells.set(key, [position]);
      }
  }

  /** Whether no card lies on a line, which is level or upright. */
  leave(x1: number, x2: number, y1: number, y2: number): boolean {
    const [left, right, top, bottom] = [Math.min(x1, x2), Math.max(x1, x2), Math.min(y1, y2), Math.max(y1, y2)];
    return !cellsOf(left, right, top, bottom).some((key) =>
      this.cells
        .get(key)
        ?.some(({ x, y }) => left < x + CARD.width && right > x && top < y + CARD.height + CLEAR && bottom > y - CLEAR),
    );
  }

  /** Heights just above and below the cards between two columns, near to the heights of both ends. */
  gaps(x1: number, x2: number, y1: number, y2: number): number[] {
    const heights = new Set<number>();
    const [top, bottom] = [Math.min(y1, y2) - CELL, Math.max(y1, y2) + CELL];
    for (const key of cellsOf(x1, x2, top, bottom))
      for (const { y } of this.cells.get(key) ?? []) {
        heights.add(y - BESIDE);
        heights.add(y + CARD.height + BESIDE);
      }
    return [...heights];
  }
}

/** More rows of squares than a graph has, so that each has a number of its own. */
const WIDE = 2 ** 24;

function cellsOf(left: number, right: number, top: number, bottom: number): number[] {
  const keys: number[] = [];
  for (let column = Math.floor(left / CELL); column <= Math.floor(right / CELL); column += 1)
    for (let row = Math.floor(top / CELL); row <= Math.floor(bottom / CELL); row += 1) keys.push(column * WIDE + row);
  return keys;
}

const RADIUS = 10;

/** The path of a line with round corners, and where its word stands. */
export function routePath({ source, target, out, y, into }: Route): [path: string, x: number, y: number] {
  const first = corner(out, source.y, y);
  const second = corner(into, y, target.y);
  return [`M${source.x} ${source.y}${first}${second}L${target.x} ${target.y}`, (out + into) / 2, y];
}

/** From level to upright at `x` and `before`, and back to level at `after`. */
function corner(x: number, before: number, after: number): string {
  const way = after - before;
  if (way === 0) return "";
  const radius = Math.min(RADIUS, Math.abs(way) / 2);
  const down = Math.sign(way) * radius;
  return (
    `L${x - radius} ${before}Q${x} ${before} ${x} ${before + down}` +
    `L${x} ${after - down}Q${x} ${after} ${x + radius} ${after}`
  );
}
