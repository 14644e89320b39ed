import { useEffect } from "react";
import { motionMs } from "@/ui";
import type { Flow } from "../state/flow";
import { useEditor, useView } from "../state/session";
import { fitAll } from "./fit";
import { viewportShowing } from "./geometry";

/** Keeps in view what the inspector over the canvas and the drawer below it would cover when they open. */
export function useFollowView(flow: Flow): void {
  const session = useEditor();
  const selected = useView((state) => {
    if (state.selectedNodes.length + state.selectedEdges.length !== 1) return undefined;
    return state.selectedNodes[0] ?? state.edges.find((edge) => edge.id === state.selectedEdges[0])?.target;
  });
  // A drag selects its card. Moving the view under it would drop the card somewhere else: wait for its end.
  const dragging = useView((state) => state.dragging);
  useEffect(() => {
    if (selected === undefined || dragging) return;
    // In the next frame the inspector is open.
    const frame = requestAnimationFrame(() => {
      const card = session.document.getState().document.nodes[selected];
      const next = card && viewportShowing(card.position, flow.getViewport(), flow.screen());
      if (next) void flow.setViewport(next, { duration: motionMs(160) });
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
