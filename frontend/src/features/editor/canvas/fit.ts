/** Fitting cards into what can be seen of the canvas: clear of the toolbar, the minimap and the inspector. */
import { getViewportForBounds, type Viewport } from "@xyflow/react";
import { cornersOf, framesOf } from "@/model/groups";
import { boundsOf, CARD } from "@/model/place";
import type { Point } from "@/model/records";
import { motionMs } from "@/ui";
import type { Flow, Screen } from "../state/flow";
import type { EditorSession } from "../state/session";

/** Fewer cards than this can be seen at a glance; a map of them would only cover the canvas. */
export const MAPPED_FROM = 25;

interface Zooms {
  readonly least: number;
  readonly most: number;
}

const SIDE = 28;

/** The viewport that has all these cards on the screen; null while there are none, or no screen. */
export function viewportOf(places: readonly Point[], screen: Screen, { least, most }: Zooms): Viewport | null {
  const bounds = boundsOf(places);
  if (!bounds || screen.width < 1 || screen.height < 1) return null;
  const right = screen.covered > screen.width / 2 ? 0 : screen.covered;
  const below = screen.coveredBelow > screen.height * 0.8 ? 0 : screen.coveredBelow;
  const bottom = Math.max(below, Math.min(screen.height * 0.4, places.length >= MAPPED_FROM ? 128 : 68));
  // Into a slit nothing can be fitted.
  if (screen.height - SIDE - bottom < CARD.height / 2) return null;
  return getViewportForBounds(bounds, screen.width, screen.height, least, most, {
    top: `${SIDE}px`,
    left: `${SIDE}px`,
    right: `${SIDE + right}px`,
    bottom: `${bottom}px`,
  });
}

/** The smallest zoom that anybody needs: all cards are on the screen, with some room. */
export function leastZoom(places: readonly Point[], screen: Screen): number {
  return Math.min(
    0.2,
    0.8 * (viewportOf(places, { ...screen, covered: 0, coveredBelow: 0 }, { least: 0, most: 1 })?.zoom ?? 1),
  );
}

/** The cards, and cards at the corners of frames. */
export function placesOf(session: EditorSession): Point[] {
  const { nodes } = session.view.getState();
  const frames = framesOf(nodes, session.document.getState().document.nodes);
  return [...nodes.map((node) => node.position), ...cornersOf(frames)];
}

/** Whether a part of a card can be seen. */
export function isInSight(
  places: readonly Point[],
  { x, y, zoom }: Viewport,
  screen: Pick<Screen, "width" | "height">,
): boolean {
  return places.some((place) => {
    const left = place.x * zoom + x;
    const top = place.y * zoom + y;
    return left < screen.width && top < screen.height && left + CARD.width * zoom > 0 && top + CARD.height * zoom > 0;
  });
}

export function fitAll(session: EditorSession, flow: Flow, most = 1): void {
  const places = placesOf(session);
  const next = viewportOf(places, flow.screen(), { least: 0, most });
  if (next) void flow.setViewport(next, { duration: motionMs(180) });
}
