/** The viewport of the canvas, as xyflow offers it. The cards are in the view store: on the map xyflow has none. */
import { useReactFlow, useStoreApi, type ReactFlowInstance } from "@xyflow/react";
import { useMemo } from "react";
import type { Point } from "@/model/records";
import { useEditor } from "./session";

type Offered = Pick<
  ReactFlowInstance,
  | "zoomIn"
  | "zoomOut"
  | "zoomTo"
  | "getZoom"
  | "getViewport"
  | "setViewport"
  | "screenToFlowPosition"
  | "flowToScreenPosition"
>;

/** The pane of the canvas, in pixels. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  /** What the inspector covers at the right. */
  readonly covered: number;
  /** What it covers at the bottom, on a small screen. */
  readonly coveredBelow: number;
}

export interface Flow extends Offered {
  readonly screen: () => Screen;
  /** The point of the graph in the middle of what can be seen. */
  readonly viewCentre: () => Point;
}

/** Works everywhere in the editor, on the canvas and beside it. */
export function useFlow(): Flow {
  const instance = useReactFlow();
  const store = useStoreApi();
  const { view } = useEditor();
  return useMemo(() => {
    const screen = (): Screen => {
      const { domNode, width, height } = store.getState();
      // The pane itself knows of a drawer that has just opened; the store hears of it after the frame.
      return {
        width: domNode?.clientWidth ?? width,
        height: domNode?.clientHeight ?? height,
        covered: view.getState().covered,
        coveredBelow: view.getState().coveredBelow,
      };
    };
    return {
      ...instance,
      screen,
      viewCentre: () => {
        const { width, height, covered, coveredBelow } = screen();
        const [x, y, zoom] = store.getState().transform;
        const free = covered > width / 2 ? width : width - covered;
        return { x: (free / 2 - x) / zoom, y: ((height - coveredBelow) / 2 - y) / zoom };
      },
    };
  }, [instance, store, view]);
}
