/** Cards, the pointer and the screen. Positions of cards are coordinates of the graph. */
import type { Viewport } from "@xyflow/react";
import { CARD } from "@/model/place";
import type { Point } from "@/model/records";

const ROOM = 24;

/** The viewport that has a card on the screen with some room, moved no further than needed; null if it has already. */
export function viewportShowing(
  card: Point,
  { x, y, zoom }: Viewport,
  screen: { readonly width: number; readonly height: number },
): Viewport | null {
  const dx = shift(card.x * zoom + x, CARD.width * zoom, screen.width);
  const dy = shift(card.y * zoom + y, CARD.height * zoom, screen.height);
  return dx === 0 && dy === 0 ? null : { x: x + dx, y: y + dy, zoom };
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

export function contains(box: DOMRect, { x, y }: Point): boolean {
  return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
}

/** Where a mouse or a finger is on the screen. */
export function pointOf(event: MouseEvent | TouchEvent): Point {
  const touch = "changedTouches" in event ? event.changedTouches[0] : event;
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}
