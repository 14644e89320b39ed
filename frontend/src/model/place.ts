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
  const taken = Object.values(document.nodes).map((node) => node.position);
  const start = snap({ x: centre.x - CARD.width / 2, y: centre.y - CARD.height / 2 });
  const [stepX, stepY] = [CARD.width + GAP, CARD.height + GAP];
  for (let ring = 0; ring < 200; ring += 1) {
    const candidates: Point[] = [];
    for (let column = -ring; column <= ring; column += 1) {
      for (let row = -ring; row <= ring; row += 1) {
        if (Math.max(Math.abs(column), Math.abs(row)) !== ring) continue;
        candidates.push(snap({ x: start.x + column * stepX, y: start.y + row * stepY }));
      }
    }
    candidates.sort((a, b) => distance(a, start) - distance(b, start) || b.y - a.y || b.x - a.x);
    const free = candidates.find((spot) => taken.every((other) => !overlaps(spot, other)));
    if (free) return free;
  }
  return start;
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
