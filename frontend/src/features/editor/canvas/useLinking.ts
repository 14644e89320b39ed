import type { FinalConnectionState, OnConnectStartParams } from "@xyflow/react";
import { useMemo } from "react";
import { allowedTargets } from "@/model/connect";
import { connectNodes } from "../actions/editing";
import type { Flow } from "../state/flow";
import { useEditor } from "../state/session";
import { cardAt, pointOf } from "./geometry";

interface Linking {
  readonly start: (event: MouseEvent | TouchEvent, from: OnConnectStartParams) => void;
  readonly end: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => void;
}

/** Pulling a line from a card: fitting cards light up, and the whole card takes the drop, not only its handle. */
export function useLinking(flow: Flow): Linking {
  const session = useEditor();
  return useMemo(() => {
    const { catalog, document, view, focus } = session;
    return {
      start: (_event, { nodeId }) => {
        if (!nodeId) return;
        const allowed = allowedTargets(catalog, document.getState().document, nodeId);
        view.setState({ linking: { from: nodeId, allowed }, refusal: null });
      },
      end: (event, { fromNode }) => {
        view.setState({ linking: null });
        const at = pointOf(event);
        // A drop on a panel over the canvas is none on the card that it covers.
        if (!fromNode || !focus.contains("canvas", window.document.elementFromPoint(at.x, at.y))) return;
        const target = cardAt(view.getState().nodes, flow.screenToFlowPosition(at, { snapToGrid: false }));
        if (!target) view.setState({ adding: { at, from: fromNode.id } });
        if (target && target.id !== fromNode.id) connectNodes(session, fromNode.id, target.id, at);
      },
    };
  }, [session, flow]);
}
