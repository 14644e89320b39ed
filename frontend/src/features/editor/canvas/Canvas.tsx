import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  MiniMap,
  ReactFlow,
  SelectionMode,
  type FinalConnectionState,
  type NodeChange,
  type OnConnectStartParams,
} from "@xyflow/react";
import {
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
  type DragEvent,
  type MouseEvent as ReactMouseEvent,
} from "react";
import { allowedTargets } from "@/model/connect";
import { move } from "@/model/edits";
import { CARD, GRID } from "@/model/place";
import type { Point } from "@/model/records";
import { motionMs } from "@/ui";
import { addNodeAt, connectNodes, showRecords } from "../actions";
import { useFlow, type Flow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { FlowEdge, FlowNode } from "../state/viewStore";
import { tellNode, wantedNode } from "../state/wantedNode";
import { CanvasControls } from "./CanvasControls";
import { CanvasMenus } from "./CanvasMenus";
import { EmptyCanvas } from "./EmptyCanvas";
import { fitAll, fitOptions, MAPPED_FROM } from "./fit";
import { EdgeMarkers, RelationEdge } from "./RelationEdge";
import { ResourceNode } from "./ResourceNode";
import { useCanvasKeys } from "./useCanvasKeys";
import "./canvas.css";

const nodeTypes = { resource: ResourceNode };
const edgeTypes = { relation: RelationEdge };
const MULTI_KEYS = ["Meta", "Control", "Shift"];
const SNAP: [number, number] = [GRID, GRID];
export const KIND_MIME = "application/x-kubeorch-kind";

export function Canvas({ onImport }: { onImport: (() => void) | null }) {
  const session = useEditor();
  const flow = useFlow();
  const pane = useRef<HTMLDivElement>(null);
  const nodes = useView((state) => state.nodes);
  const edges = useView((state) => state.edges);
  const nodesChanged = useView((state) => state.nodesChanged);
  const edgesChanged = useView((state) => state.edgesChanged);
  const readOnly = useDocument((state) => state.readOnly);
  const empty = useDocument((state) => isEmpty(state.document.nodes));
  const mapped = useView((state) => state.nodes.length >= MAPPED_FROM);
  const [firstFit] = useState(() => fitOptions(nodes.length));
  useCanvasKeys(pane, flow);

  useEffect(
    () =>
      session.document.subscribe(
        (state, before) => state.document !== before.document && session.view.getState().sync(state.document),
      ),
    [session],
  );

  const commitMoves = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      nodesChanged(changes);
      const places: Record<string, Point> = {};
      for (const change of changes) {
        if (change.type === "position" && change.dragging === false && change.position)
          places[change.id] = change.position;
      }
      if (Object.keys(places).length > 0) {
        const { document, apply } = session.document.getState();
        apply(move(document, places));
      }
    },
    [nodesChanged, session],
  );

  const chosen = useView((state) => {
    if (state.selectedNodes.length + state.selectedEdges.length !== 1) return undefined;
    return state.selectedNodes[0] ?? state.edges.find((edge) => edge.id === state.selectedEdges[0])?.target;
  });
  useEffect(() => {
    if (chosen === undefined) return;
    // The inspector opens beside the canvas and may cover what was just chosen: move it back into view.
    const frame = requestAnimationFrame(() => reveal(chosen, pane.current, flow));
    return () => cancelAnimationFrame(frame);
  }, [chosen, flow]);

  const alone = useView((state) =>
    state.selectedNodes.length === 1 && state.selectedEdges.length === 0 ? (state.selectedNodes[0] ?? null) : null,
  );
  const began = useRef(false);
  useEffect(() => {
    // The first look is at what the link said; from then on the link says what is chosen.
    if (began.current) tellNode(alone);
    began.current = true;
  }, [alone]);

  const watching = useView((state) => state.drawer === "run");
  useEffect(() => {
    if (!watching) return;
    // The drawer opened over the lower part of the graph: show all of it again, so that every node's state is seen.
    const frame = requestAnimationFrame(() => fitAll(flow, { maxZoom: Math.min(1, flow.getZoom()) }));
    return () => cancelAnimationFrame(frame);
  }, [watching, flow]);

  const link = useMemo(
    () => ({
      start: (from: string) => {
        const { document } = session.document.getState();
        session.view.setState({
          linking: { from, allowed: allowedTargets(session.catalog, document, from) },
          refusal: null,
        });
      },
      end: (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
        session.view.setState({ linking: null });
        const at = pointOf(event);
        // The whole card takes the drop, not only its handle.
        const to = nodeAt(at);
        if (state.fromNode && to !== null && to !== state.fromNode.id) connectNodes(session, state.fromNode.id, to, at);
      },
    }),
    [session],
  );

  // A link may name a node: it opens chosen and in the middle.
  const showWanted = () => {
    const wanted = wantedNode();
    if (wanted !== null && flow.getNode(wanted)) showRecords(session, [wanted], [], flow);
  };

  const drop = (event: DragEvent) => {
    const kind = session.catalog.kindById.get(event.dataTransfer.getData(KIND_MIME));
    if (!kind) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    addNodeAt(session, kind, { x: at.x - CARD.width / 2, y: at.y - CARD.height / 2 });
    pane.current?.focus({ preventScroll: true });
  };

  // Handed to every card and line: a new identity at each render would repaint all of them at each step of a drag.
  const on = useMemo(() => {
    const openMenu = (event: ReactMouseEvent | MouseEvent, nodeId: string | null, edgeId: string | null): void => {
      event.preventDefault();
      const view = session.view.getState();
      if (nodeId && !view.selectedNodes.includes(nodeId)) view.select([nodeId]);
      if (edgeId && !view.selectedEdges.includes(edgeId)) view.select([], [edgeId]);
      session.view.setState({ contextMenu: { at: { x: event.clientX, y: event.clientY }, nodeId, edgeId } });
    };
    return {
      connectStart: (_event: MouseEvent | TouchEvent, { nodeId }: OnConnectStartParams) => {
        if (nodeId) link.start(nodeId);
      },
      nodeMenu: (event: ReactMouseEvent, node: FlowNode) => openMenu(event, node.id, null),
      edgeMenu: (event: ReactMouseEvent, edge: FlowEdge) => openMenu(event, null, edge.id),
      paneMenu: (event: ReactMouseEvent | MouseEvent) => openMenu(event, null, null),
      paneClick: () => pane.current?.focus({ preventScroll: true }),
      nodeClick: (event: ReactMouseEvent) => (event.currentTarget as HTMLElement).focus({ preventScroll: true }),
    };
  }, [session, link]);

  return (
    <div
      ref={pane}
      role="application"
      aria-label="Canvas"
      tabIndex={-1}
      className="editor-pane relative h-full min-h-0 min-w-0 outline-none"
      onDragOver={(event) => {
        if (readOnly || !event.dataTransfer.types.includes(KIND_MIME)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDrop={drop}
    >
      <EdgeMarkers />
      <ReactFlow<FlowNode, FlowEdge>
        className="editor-flow"
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={commitMoves}
        onEdgesChange={edgesChanged}
        onConnectStart={on.connectStart}
        onConnectEnd={link.end}
        onNodeContextMenu={on.nodeMenu}
        onEdgeContextMenu={on.edgeMenu}
        onPaneContextMenu={on.paneMenu}
        onPaneClick={on.paneClick}
        onNodeClick={on.nodeClick}
        connectionMode={ConnectionMode.Loose}
        connectionRadius={24}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        nodesFocusable
        edgesFocusable
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={MULTI_KEYS}
        selectionMode={SelectionMode.Partial}
        panOnScroll={false}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.08}
        maxZoom={2}
        fitView
        fitViewOptions={firstFit}
        onInit={showWanted}
        onlyRenderVisibleElements
        elevateNodesOnSelect={false}
        // A chosen line must not lie over the handle that the next line starts from.
        elevateEdgesOnSelect={false}
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID} size={1.2} color="var(--line-strong)" />
        {mapped && (
          <MiniMap
            pannable
            zoomable
            ariaLabel="Minimap"
            nodeBorderRadius={12}
            className="rounded-card border border-line shadow-1"
            style={{ width: 150, height: 96 }}
          />
        )}
        <CanvasControls pane={pane} />
      </ReactFlow>
      {empty && <EmptyCanvas onImport={onImport} />}
      <CanvasMenus pane={pane} />
    </div>
  );
}

function isEmpty(table: object): boolean {
  for (const _ in table) return false;
  return true;
}

/** Pans just so far that the card is on the pane with some room. */
function reveal(id: string, pane: HTMLElement | null, flow: Flow): void {
  const node = flow.getNode(id);
  const box = pane?.getBoundingClientRect();
  if (!node || !box) return;
  const { x, y, zoom } = flow.getViewport();
  const room = 24;
  const left = node.position.x * zoom + x;
  const top = node.position.y * zoom + y;
  const [right, bottom] = [left + CARD.width * zoom, top + CARD.height * zoom];
  const dx = right > box.width - room ? Math.max(room - left, box.width - room - right) : left < room ? room - left : 0;
  const dy =
    bottom > box.height - room ? Math.max(room - top, box.height - room - bottom) : top < room ? room - top : 0;
  if (dx !== 0 || dy !== 0) void flow.setViewport({ x: x + dx, y: y + dy, zoom }, { duration: motionMs(160) });
}

function nodeAt(point: Point): string | null {
  for (const element of document.elementsFromPoint(point.x, point.y)) {
    const id = element.closest(".react-flow__node")?.getAttribute("data-id");
    if (id) return id;
  }
  return null;
}

function pointOf(event: MouseEvent | TouchEvent): Point {
  const touch = "changedTouches" in event ? event.changedTouches[0] : event;
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}
