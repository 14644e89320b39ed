/** The canvas as xyflow offers it: its viewport, and the cards and lines it draws. */
import { useReactFlow, type ReactFlowInstance } from "@xyflow/react";
import type { FlowEdge, FlowNode } from "./viewStore";

export type Flow = ReactFlowInstance<FlowNode, FlowEdge>;

/** Works everywhere below the editor's ReactFlowProvider, on the canvas and beside it. */
export function useFlow(): Flow {
  return useReactFlow<FlowNode, FlowEdge>();
}
