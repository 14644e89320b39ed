import type { Viewport } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { motionMs } from "@/ui";
import type { Flow } from "../state/flow";
import { useEditor, useView } from "../state/session";
import { fitAll } from "./fit";
import { viewportShowing } from "./geometry";

const isSame = (one: Viewport, other: Viewport): boolean =>
  Math.abs(one.x - other.x) < 1 && Math.abs(one.y - other.y) < 1 && one.zoom === other.zoom;

/**
 * Keeps in view what the inspector over the canvas and the drawer below it would cover when they open. When the inspector
 * closes, the view goes back to where it was, unless the person has moved it since.
 */
export function useFollowView(flow: Flow): void {
  const session = useEditor();
  const selected = useView((state) => {
    if (state.selectedNodes.length + state.selectedEdges.length !== 1) return undefined;
    return state.selectedNodes[0] ?? state.edges.find((edge) => edge.id === state.selectedEdges[0])?.target;
  });
  // A drag selects its card. Moving the view under it would drop the card somewhere else: wait for its end.
  const dragging = useView((state) => state.dragging);
  const isOpen = useView((state) => state.selectedNodes.length + state.selectedEdges.length > 0);
  const moved = useRef<{ readonly from: Viewport; readonly to: Viewport } | null>(null);
  useEffect(() => {
    if (isOpen || dragging) return;
    const back = moved.current;
    moved.current = null;
    if (back && isSame(flow.getViewport(), back.to)) void flow.setViewport(back.from, { duration: motionMs(160) });
  }, [isOpen, dragging, flow]);
  useEffect(() => {
    if (selected === undefined || dragging) return;
    // In the next frame the inspector is open.
    const frame = requestAnimationFrame(() => {
      const card = session.document.getState().document.nodes[selected];
      const next = card && viewportShowing(card.position, flow.getViewport(), flow.screen());
      if (!next) return;
      const now = flow.getViewport();
      // From one card to the next: back means to where the first was opened.
      const from = moved.current && isSame(now, moved.current.to) ? moved.current.from : now;
      moved.current = { from, to: next };
      void flow.setViewport(next, { duration: motionMs(160) });
    });
    return () => cancelAnimationFrame(frame);
  }, [selected, dragging, session, flow]);

  const watchingRun = useView((state) => state.drawer === "run");
  useEffect(() => {
    if (!watchingRun) return;
    // Show the whole graph: every node changes its state now.
    const frame = requestAnimationFrame(() => fitAll(session, flow, Math.min(1, flow.getZoom())));
    return () => cancelAnimationFrame(frame);
  }, [watchingRun, session, flow]);
}
