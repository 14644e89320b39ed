/** Three levels of detail: everything on the card, the name alone, a dot with a name. */
import { useStore, type ReactFlowState } from "@xyflow/react";

export type Detail = "full" | "overview" | "far";

export function detailAt(zoom: number): Detail {
  return zoom >= 0.7 ? "full" : zoom >= 0.4 ? "overview" : "far";
}

const select = (state: ReactFlowState): Detail => detailAt(state.transform[2]);

/** Repaints only when a level is crossed, not at every step of a zoom. */
export function useDetail(): Detail {
  return useStore(select);
}
