import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import type { Flow } from "../state/flow";

/** Keeps the cards where they are on the screen when the pane begins elsewhere, since a list beside it opens or folds. */
export function useStayPut(flow: Flow): void {
  const store = useStoreApi();
  useEffect(() => {
    const { domNode } = store.getState();
    if (!domNode) return;
    let left = domNode.getBoundingClientRect().left;
    // Called after the layout and before the frame is painted.
    const resized = new ResizeObserver(() => {
      const now = domNode.getBoundingClientRect().left;
      if (now === left) return;
      const { x, y, zoom } = flow.getViewport();
      void flow.setViewport({ x: x + left - now, y, zoom });
      left = now;
    });
    resized.observe(domNode);
    return () => resized.disconnect();
  }, [store, flow]);
}
