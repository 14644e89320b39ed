/** Fitting the whole graph: all cards, clear of the toolbar below and of the minimap where there is one. */
import type { FitViewOptions } from "@xyflow/react";
import { motionMs } from "@/ui";
import type { Flow } from "../state/flow";

/** Fewer cards than this can be seen at a glance; a map of them would only cover the canvas. */
export const MAPPED_FROM = 25;

export function fitOptions(nodeCount: number): FitViewOptions {
  return { padding: { top: "28px", x: "28px", bottom: nodeCount >= MAPPED_FROM ? "128px" : "68px" }, maxZoom: 1 };
}

export function fitAll(flow: Flow, options: FitViewOptions = {}): void {
  void flow.fitView({ ...fitOptions(flow.getNodes().length), duration: motionMs(180), ...options });
}
