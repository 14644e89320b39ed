import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  MiniMap,
  ReactFlow,
  SelectionMode,
  type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState, type DragEvent, type MouseEvent } from "react";
import { move } from "@/model/edits";
import { CARD, GRID } from "@/model/place";
import type { Point } from "@/model/records";
import { addNodeAt } from "../actions/editing";
import { showRecords } from "../actions/showing";
import { useClipboardEvents } from "../commands/useClipboardEvents";
import { useOfferedCommands } from "../commands/useEditorCommands";
import { CanvasMenus } from "../menus/CanvasMenus";
import { useFlow } from "../state/flow";
import type { FlowEdge, FlowNode } from "../state/flowElements";
import { useDocument, useEditor, useView } from "../state/session";
import { CanvasControls } from "./CanvasControls";
import { EdgeMarkers } from "./EdgeMarkers";
import { EmptyCanvas } from "./EmptyCanvas";
import { fitOptions, MAPPED_FROM } from "./fit";
import { allowKindDrop, droppedKind } from "./kindDrag";
import { RelationEdge } from "./RelationEdge";
import { ResourceNode } from "./ResourceNode";
import { useFollowView } from "./useFollowView";
import { useLinking } from "./useLinking";
import "./canvas.css";

const nodeTypes = { resource: ResourceNode };
const edgeTypes = { relation: RelationEdge };
const MULTI_KEYS = ["Meta", "Control", "Shift"];
const SNAP: [number, number] = [GRID, GRID];

interface CanvasProps {
  readonly onImport: () => void;
  /** The node to open with, selected and in the middle. */
  readonly wantedNode: string | null;
}

/** The graph as cards and lines: the document has what is drawn, the view store how it is shown. */
export function Canvas({ onImport, wantedNode }: CanvasProps) {
  const session = useEditor();
  const flow = useFlow();
  const pane = useRef<HTMLDivElement>(null);
  const nodes = useView((state) => state.nodes);
  const edges = useView((state) => state.edges);
  const edgesChanged = useView((state) => state.edgesChanged);
  const readOnly = useDocument((state) => state.readOnly);
  const empty = useDocument((state) => isEmpty(state.document.nodes));
  const [firstFit] = useState(() => fitOptions(nodes.length));
  useOfferedCommands();
  useClipboardEvents(flow);
  useFollowView(pane, flow);
  const linking = useLinking(pane, flow);

  useEffect(() => (pane.current ? session.focus.register("canvas", pane.current) : undefined), [session]);
  useEffect(
    () =>
      session.document.subscribe(
        (state, before) => state.document !== before.document && session.view.getState().sync(state.document),
      ),
    [session],
  );

  const nodesChanged = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      session.view.getState().nodesChanged(changes);
      const places = droppedPlaces(changes);
      if (places === null) return;
      const { document, apply } = session.document.getState();
      apply(move(document, places));
    },
    [session],
  );

  const showWanted = () => {
    if (wantedNode !== null && flow.getNode(wantedNode)) showRecords(session, [wantedNode], [], flow);
  };

  const drop = (event: DragEvent) => {
    const kind = droppedKind(event, session.catalog);
    if (!kind) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    addNodeAt(session, kind, { x: at.x - CARD.width / 2, y: at.y - CARD.height / 2 });
    session.focus.give("canvas");
  };

  // Every card and line gets these: new functions at each render would repaint all of them at each step of a drag.
  const on = useMemo(() => {
    const openMenu = (
      event: MouseEvent | globalThis.MouseEvent,
      nodeId: string | null,
      edgeId: string | null,
    ): void => {
      event.preventDefault();
      const view = session.view.getState();
      if (nodeId && !view.selectedNodes.includes(nodeId)) view.select([nodeId]);
      if (edgeId && !view.selectedEdges.includes(edgeId)) view.select([], [edgeId]);
      session.view.setState({ contextMenu: { at: { x: event.clientX, y: event.clientY }, nodeId, edgeId } });
    };
    return {
      nodeMenu: (event: MouseEvent, node: FlowNode) => openMenu(event, node.id, null),
      edgeMenu: (event: MouseEvent, edge: FlowEdge) => openMenu(event, null, edge.id),
      paneMenu: (event: MouseEvent | globalThis.MouseEvent) => openMenu(event, null, null),
      paneClick: () => void session.focus.give("canvas"),
      dragStart: () => session.view.setState({ dragging: true }),
      dragStop: () => session.view.setState({ dragging: false }),
      nodeClick: (event: MouseEvent) => (event.currentTarget as HTMLElement).focus({ preventScroll: true }),
    };
  }, [session]);

  return (
    <div
      ref={pane}
      role="application"
      aria-label="Canvas"
      tabIndex={-1}
      className="editor-pane relative h-full min-h-0 min-w-0 outline-none"
      // Text selected elsewhere would be copied in place of nodes.
      onPointerDownCapture={() => window.getSelection()?.removeAllRanges()}
      onDragOver={readOnly ? undefined : allowKindDrop}
      onDrop={drop}
    >
      <EdgeMarkers />
      <ReactFlow<FlowNode, FlowEdge>
        className="editor-flow"
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={nodesChanged}
        onEdgesChange={edgesChanged}
        onConnectStart={linking.start}
        onConnectEnd={linking.end}
        onNodeDragStart={on.dragStart}
        onNodeDragStop={on.dragStop}
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
        // A selected line must not lie over the handle that the next line starts from.
        elevateEdgesOnSelect={false}
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID} size={1.2} color="var(--line-strong)" />
        {nodes.length >= MAPPED_FROM && (
          <MiniMap
            pannable
            zoomable
            ariaLabel="Minimap"
            nodeBorderRadius={12}
            className="rounded-card border border-line shadow-1"
            style={{ width: 150, height: 96 }}
          />
        )}
        <CanvasControls />
      </ReactFlow>
      {empty && <EmptyCanvas onImport={onImport} />}
      <CanvasMenus />
    </div>
  );
}

/** Where the cards of a finished drag were dropped; null during the drag. */
function droppedPlaces(changes: readonly NodeChange<FlowNode>[]): Record<string, Point> | null {
  const places: Record<string, Point> = {};
  for (const change of changes) {
    if (change.type === "position" && change.dragging === false && change.position) places[change.id] = change.position;
  }
  return isEmpty(places) ? null : places;
}

function isEmpty(table: object): boolean {
  for (const _ in table) return false;
  return true;
}
