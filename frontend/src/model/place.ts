/** Positions on the canvas: one card size for all, a grid to snap to, a free spot for nodes added by keyboard. */
import type { GraphDocument, Point } from "./records";

export const CARD = { width: 220, height: 64 } as const;
export const GRID = 20;
const GAP = 40;

export interface Rect extends Point {
  readonly width: number;
  readonly height: number;
}

export function snap(point: Point): Point {
  return { x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID };
}

/** The position on the grid nearest to `centre` where a card overlaps no other. */
export function freeSpot(document: GraphDocument, centre: Point): Point {
  const start = snap({ x: centre.x - CARD.width / 2, y: centre.y - CARD.height / 2 });
  const { x, y } = freeOffset(document, [start], { x: 0, y: 0 });
  return { x: start.x + x, y: start.y + y };
}

const RINGS = 24;

/** The offset nearest to `wanted` by which `places` can be moved so that none of their cards overlaps one of `document`. */
export function freeOffset(document: GraphDocument, places: readonly Point[], wanted: Point): Point {
  const taken = new Map<string, Point[]>();
  for (const { position } of Object.values(document.nodes)) {
    const key = cellOf(position.x, position.y);
    const cell = taken.get(key);
    if (cell) cell.push(position);
    else taken.set(key, [position]);
  }
  const start = snap(wanted);
  for (let ring = 0; ring < RINGS; ring += 1) {
    const free = ringAround(start, ring).find((offset) =>
      places.every(({ x, y }) => isFree(taken, { x: x + offset.x, y: y + offset.y })),
    );
    if (free) return free;
  }
  // Nothing near: below everything.
  const bottom = Math.max(...Object.values(document.nodes).map((node) => node.position.y + CARD.height));
  return { x: start.x, y: snap({ x: 0, y: bottom + 3 * GRID - Math.min(...places.map((place) => place.y)) }).y };
}

/** The offsets one ring further out, the nearest first. */
function ringAround(start: Point, ring: number): Point[] {
  const offsets: Point[] = [];
  for (let column = -ring; column <= ring; column += 1) {
    for (let row = -ring; row <= ring; row += 1) {
      if (Math.max(Math.abs(column), Math.abs(row)) !== ring) continue;
      offsets.push(snap({ x: start.x + column * CELL.width, y: start.y + row * CELL.height }));
    }
  }
  return offsets.sort((a, b) => distance(a, start) - distance(b, start) || b.y - a.y || b.x - a.x);
}

function isFree(taken: ReadonlyMap<string, readonly Point[]>, spot: Point): boolean {
  for (const dx of [-CELL.width, 0, CELL.width]) {
    for (const dy of [-CELL.height, 0, CELL.height]) {
      const near = taken.get(cellOf(spot.x + dx, spot.y + dy));
      if (near?.some((other) => overlaps(spot, other))) return false;
    }
  }
  return true;
}

const CELL = { width: CARD.width + GAP, height: CARD.height + GAP } as const;

function cellOf(x: number, y: number): string {
  return `${Math.floor(x / CELL.width)} ${Math.floor(y / CELL.height)}`;
}

export function boundsOf(points: readonly Point[]): Rect | null {
  if (points.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + CARD.width);
    bottom = Math.max(bottom, y + CARD.height);
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function overlaps(a: Point, b: Point): boolean {
  return Math.abs(a.x - b.x) < CARD.width + GAP / 2 && Math.abs(a.y - b.y) < CARD.height + GAP / 2;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
