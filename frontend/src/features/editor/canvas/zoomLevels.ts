/** How much a card shows at a zoom: everything, the name and the health, or a name beside a dot. */
import { useStore, type ReactFlowState } from "@xyflow/react";

export type Detail = "full" | "overview" | "far";

export function detailAt(zoom: number): Detail {
  return zoom >= 0.7 ? "full" : zoom >= 0.4 ? "overview" : "far";
}

const select = (state: ReactFlowState): Detail => detailAt(state.transform[2]);

/** Repaints only when the level changes, not at every step of a zoom. */
export function useDetail(): Detail {
  return useStore(select);
}

const MANY = 150;

/**
 * Whether the graph is drawn as a map on one canvas element, not as cards: they could not be read, and a browser does
 * not move as many. The fewer there are, the further out they stay cards.
 */
export function isMapped(zoom: number, cardCount: number): boolean {
  return zoom < (cardCount > MANY ? 0.4 : 0.25);
}

export function useIsMapped(cardCount: number): boolean {
  return useStore((state) => isMapped(state.transform[2], cardCount));
}
