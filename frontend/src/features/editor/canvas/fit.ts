/** What "everything" means on the canvas: all cards, clear of the toolbar below and, where it shows, of the minimap. */
import type { FitViewOptions } from "@xyflow/react";
import { motionMs } from "@/ui";
import type { Flow } from "../state/flow";

/** Fewer cards than this are seen at one glance; a map of them would only lie over the canvas. */
export const MAPPED_FROM = 25;

export function fitOptions(nodeCount: number): FitViewOptions {
  return { padding: { top: "28px", x: "28px", bottom: nodeCount >= MAPPED_FROM ? "128px" : "68px" }, maxZoom: 1 };
}

export function fitAll(flow: Flow, options: FitViewOptions = {}): void {
  void flow.fitView({ ...fitOptions(flow.getNodes().length), duration: motionMs(180), ...options });
}
