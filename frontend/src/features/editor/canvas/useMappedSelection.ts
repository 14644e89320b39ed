import { useStore } from "@xyflow/react";
import { useEffect } from "react";
import { CARD } from "@/model/place";
import { useEditor } from "../state/session";

/** Selecting by a frame (Shift and drag) on the map: xyflow draws the frame, but has no cards there to look for. */
export function useMappedSelection(mapped: boolean): void {
  const { view } = useEditor();
  const frame = useStore((state) => (mapped ? state.userSelectionRect : null));
  const transform = useStore((state) => (frame ? state.transform : null));
  useEffect(() => {
    if (!frame || !transform || frame.width + frame.height === 0) return;
    const [x, y, zoom] = transform;
    const [left, top] = [(frame.x - x) / zoom, (frame.y - y) / zoom];
    const [right, bottom] = [left + frame.width / zoom, top + frame.height / zoom];
    const inside = view
      .getState()
      .nodes.filter(
        ({ position }) =>
          position.x < right && position.x + CARD.width > left && position.y < bottom && position.y + CARD.height > top,
      );
    view.getState().select(inside.map((node) => node.id));
  }, [frame, transform, view]);
}
