/** Cards, the pointer and the screen. Positions of cards are coordinates of the graph. */
import type { Viewport } from "@xyflow/react";
import { CARD } from "@/model/place";
import type { Point } from "@/model/records";
import type { Screen } from "../state/flow";

const ROOM = 24;

/**
 * The viewport that has a card on the screen with some room, moved no further than needed; null while more than half of
 * the card can be seen.
 */
export function viewportShowing(card: Point, { x, y, zoom }: Viewport, screen: Screen): Viewport | null {
  const [width, height] = [CARD.width * zoom, CARD.height * zoom];
  const free = screen.width - screen.covered;
  const clear = screen.height - screen.coveredBelow;
  const [left, top] = [card.x * zoom + x, card.y * zoom + y];
  const seen = overlap(left, width, free) * overlap(top, height, clear);
  // On a small screen the view has little else to show: there the whole card.
  const enough = screen.coveredBelow > 0 ? 0.98 : 0.5;
  if (seen > width * height * enough) return null;
  return { x: x + shift(left, width, free), y: y + shift(top, height, clear), zoom };
}

function overlap(start: number, length: number, limit: number): number {
  return Math.max(0, Math.min(limit, start + length) - Math.max(0, start));
}

/** How far `start`…`start + length` must move to lie inside 0…`limit` with room; its start has priority. */
function shift(start: number, length: number, limit: number): number {
  const over = start + length - (limit - ROOM);
  if (over > 0) return Math.max(ROOM - start, -over);
  return start < ROOM ? ROOM - start : 0;
}

/** The card drawn on top at a point of the graph. */
export function cardAt<T extends { readonly position: Point }>(cards: readonly T[], point: Point): T | undefined {
  return cards.findLast(({ position: { x, y } }) => {
    const [right, down] = [point.x - x, point.y - y];
    return right >= 0 && down >= 0 && right <= CARD.width && down <= CARD.height;
  });
}

/** Where a mouse or a finger is on the screen. */
export function pointOf(event: MouseEvent | TouchEvent): Point {
  const touch = "changedTouches" in event ? event.changedTouches[0] : event;
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}
