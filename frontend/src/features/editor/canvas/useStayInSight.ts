import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import type { Flow } from "../state/flow";
import { useEditor } from "../state/session";
import { fitAll, isInSight, placesOf } from "./fit";

/** Fits the drawing anew where the pane becomes so much smaller that no card is left of those which could be seen. */
export function useStayInSight(flow: Flow): void {
  const session = useEditor();
  const store = useStoreApi();
  useEffect(() => {
    const { domNode } = store.getState();
    if (!domNode) return;
    const sizeOf = () => ({ width: domNode.clientWidth, height: domNode.clientHeight });
    let before = sizeOf();
    const resized = new ResizeObserver(() => {
      const now = sizeOf();
      const places = placesOf(session);
      const viewport = flow.getViewport();
      if (isInSight(places, viewport, before) && !isInSight(places, viewport, now)) fitAll(session, flow);
      before = now;
    });
    resized.observe(domNode);
    return () => resized.disconnect();
  }, [session, store, flow]);
}
