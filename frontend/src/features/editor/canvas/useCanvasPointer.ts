import { useMemo, type MouseEvent } from "react";
import { motionMs } from "@/ui";
import type { Flow } from "../state/flow";
import type { FlowEdge, FlowNode } from "../state/flowElements";
import { useEditor } from "../state/session";
import { cardAt } from "./geometry";

type AnyMouse = MouseEvent | globalThis.MouseEvent;

/**
 * What the pointer does on the canvas. Every card and line gets these: new functions at each render would repaint all
 * of them at each step of a drag. On the map there are no cards: the pane asks which one lies under the pointer.
 */
export function useCanvasPointer(flow: Flow, mapped: boolean) {
  const session = useEditor();
  return useMemo(() => {
    const { document, view, focus } = session;
    const mappedAt = ({ clientX, clientY }: AnyMouse): string | null => {
      if (!mapped) return null;
      const point = flow.screenToFlowPosition({ x: clientX, y: clientY }, { snapToGrid: false });
      return cardAt(view.getState().nodes, point)?.id ?? null;
    };
    const openMenu = (event: AnyMouse, nodeId: string | null, edgeId: string | null): void => {
      event.preventDefault();
      const { selectedNodes, selectedEdges, select } = view.getState();
      if (nodeId && !selectedNodes.includes(nodeId)) select([nodeId]);
      if (edgeId && !selectedEdges.includes(edgeId)) select([], [edgeId]);
      view.setState({ contextMenu: { at: { x: event.clientX, y: event.clientY }, nodeId, edgeId } });
    };
    const hover = (id: string | null): void => {
      if (view.getState().hovered !== id) view.setState({ hovered: id });
    };
    return {
      onNodeContextMenu: (event: MouseEvent, node: FlowNode) => openMenu(event, node.id, null),
      onEdgeContextMenu: (event: MouseEvent, edge: FlowEdge) => openMenu(event, null, edge.id),
      onPaneContextMenu: (event: AnyMouse) => openMenu(event, mappedAt(event), null),
      onPaneClick: (event: MouseEvent) => {
        focus.give("canvas");
        if (!mapped) return;
        const id = mappedAt(event);
        const { selectedNodes, select } = view.getState();
        if (id === null) select([]);
        else if (!event.ctrlKey && !event.metaKey) select([id]);
        else
          select(selectedNodes.includes(id) ? selectedNodes.filter((other) => other !== id) : [...selectedNodes, id]);
      },
      /** On the map: down to the cards. Else: add here. */
      onDoubleClick: ({ clientX, clientY, target }: MouseEvent) => {
        if (!(target instanceof Element && target.classList.contains("react-flow__pane"))) return;
        const at = { x: clientX, y: clientY };
        if (mapped) {
          const { x, y } = flow.screenToFlowPosition(at, { snapToGrid: false });
          const { width, height } = flow.screen();
          void flow.setViewport({ x: width / 2 - x, y: height / 2 - y, zoom: 1 }, { duration: motionMs(180) });
        } else if (!document.getState().readOnly) view.setState({ adding: { at, from: null } });
      },
      onPaneMouseMove: (event: MouseEvent) => mapped && hover(mappedAt(event)),
      onPaneMouseLeave: () => hover(null),
      onNodeMouseEnter: (_event: MouseEvent, node: FlowNode) => hover(node.id),
      onNodeMouseLeave: () => hover(null),
      onNodeDragStart: () => view.setState({ dragging: true }),
      onNodeDragStop: () => view.setState({ dragging: false }),
      onNodeClick: (event: MouseEvent) => {
        (event.currentTarget as HTMLElement).focus({ preventScroll: true });
        // What others changed is counted on the card; it is told in a tab of its own.
        if ((event.target as HTMLElement).closest("[data-tab=drift]")) view.setState({ tab: "drift" });
      },
    };
  }, [session, flow, mapped]);
}
