import type { FinalConnectionState, OnConnectStartParams } from "@xyflow/react";
import { useMemo, type RefObject } from "react";
import { allowedTargets } from "@/model/connect";
import { connectNodes } from "../actions/editing";
import type { Flow } from "../state/flow";
import { useEditor } from "../state/session";
import { cardAt, contains, pointOf } from "./geometry";

interface Linking {
  readonly start: (event: MouseEvent | TouchEvent, from: OnConnectStartParams) => void;
  readonly end: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => void;
}

/** Pulling a line from a card: fitting cards light up, and the whole card takes the drop, not only its handle. */
export function useLinking(pane: RefObject<HTMLElement | null>, flow: Flow): Linking {
  const session = useEditor();
  return useMemo(() => {
    const { catalog, document, view } = session;
    return {
      start: (_event, { nodeId }) => {
        if (!nodeId) return;
        const allowed = allowedTargets(catalog, document.getState().document, nodeId);
        view.setState({ linking: { from: nodeId, allowed }, refusal: null });
      },
      end: (event, { fromNode }) => {
        view.setState({ linking: null });
        const at = pointOf(event);
        if (!fromNode || !pane.current || !contains(pane.current.getBoundingClientRect(), at)) return;
        const target = cardAt(view.getState().nodes, flow.screenToFlowPosition(at, { snapToGrid: false }));
        if (target && target.id !== fromNode.id) connectNodes(session, fromNode.id, target.id, at);
      },
    };
  }, [session, pane, flow]);
}
