/** The canvas as xyflow offers it: its viewport, and the cards and lines it draws. */
import { useReactFlow, useStoreApi, type ReactFlowInstance } from "@xyflow/react";
import { useMemo } from "react";
import type { Point } from "@/model/records";
import type { FlowEdge, FlowNode } from "./flowElements";

export interface Flow extends ReactFlowInstance<FlowNode, FlowEdge> {
  /** The point of the graph in the middle of what is on screen. */
  readonly viewCentre: () => Point;
}

/** Works everywhere below the editor's ReactFlowProvider, on the canvas and beside it. */
export function useFlow(): Flow {
  const instance = useReactFlow<FlowNode, FlowEdge>();
  const store = useStoreApi();
  return useMemo(
    () => ({
      ...instance,
      viewCentre: () => {
        const { width, height, transform } = store.getState();
        const [x, y, zoom] = transform;
        return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom };
      },
    }),
    [instance, store],
  );
}
