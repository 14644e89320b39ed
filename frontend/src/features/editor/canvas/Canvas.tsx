import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  ReactFlow,
  SelectionMode,
  useStore,
  type NodeChange,
  type Viewport,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useState, type DragEvent, type KeyboardEvent } from "react";
import { move } from "@/model/edits";
import { FILE_MOST_BYTES, isWorkflowFile } from "@/model/importFiles";
import { CARD, GRID } from "@/model/place";
import type { Point } from "@/model/records";
import { droppedFiles, useOpenImport } from "@/product";
import { toast } from "@/ui";
import { addNodeAt } from "../actions/editing";
import { importFile } from "../actions/importFile";
import { addRecipe } from "../actions/recipes";
import { showRecords } from "../actions/showing";
import { useClipboardEvents } from "../commands/useClipboardEvents";
import { useOfferedCommands } from "../commands/useEditorCommands";
import { CanvasMenus } from "../menus/CanvasMenus";
import { useFlow, type Screen } from "../state/flow";
import type { FlowEdge, FlowNode } from "../state/flowElements";
import { useDocument, useEditor, useView } from "../state/session";
import type { ViewState } from "../state/viewStore";
import { CanvasControls } from "./CanvasControls";
import { EdgeMarkers } from "./EdgeMarkers";
import { EmptyCanvas } from "./EmptyCanvas";
import { fitAll, leastZoom, MAPPED_FROM, placesOf, viewportOf } from "./fit";
import { Frames } from "./Frames";
import { allowKindDrop, droppedKind, droppedRecipe } from "./kindDrag";
import { MapView } from "./map/MapView";
import { Minimap } from "./Minimap";
import { moveByTab } from "./tabOrder";
import { RelationEdge } from "./RelationEdge";
import { ResourceNode } from "./ResourceNode";
import { useCanvasPointer } from "./useCanvasPointer";
import { useFollowView } from "./useFollowView";
import { useLinking } from "./useLinking";
import { useStayInSight } from "./useStayInSight";
import { useStayPut } from "./useStayPut";
import { useMappedSelection } from "./useMappedSelection";
import { isMapped, useIsMapped } from "./zoomLevels";
import "./canvas.css";

const nodeTypes = { resource: ResourceNode };
const edgeTypes = { relation: RelationEdge };
const MULTI_KEYS = ["Meta", "Control", "Shift"];
const SNAP: [number, number] = [GRID, GRID];
const MOST_ZOOM = 2;
/** What xyflow draws while the graph is drawn as a map. */
const NO_NODES: FlowNode[] = [];
const NO_EDGES: FlowEdge[] = [];

interface CanvasProps {
  /** Asks for a file; not given where nothing is added. */
  readonly onImport?: () => void;
  /** The node to open with, selected and in the middle. */
  readonly wantedNode: string | null;
}

/** The graph as cards and lines, or as a map: the document has what is drawn, the view store how it is shown. */
export function Canvas(props: CanvasProps) {
  const session = useEditor();
  const [first, setFirst] = useState<First | null>(null);
  // The first viewport must be known before anything is drawn: fitting afterwards would draw everything twice.
  const measure = useCallback(
    (pane: HTMLElement | null) => {
      if (!pane) return undefined;
      const { width, height } = pane.getBoundingClientRect();
      const places = placesOf(session);
      const { viewport: left, covered, coveredBelow } = session.view.getState();
      const fitted = (over: Pick<Screen, "covered" | "coveredBelow">) =>
        viewportOf(places, { width, height, ...over }, { least: 0, most: 1 });
      // Where too little is left uncovered, it is fitted below what covers it.
      const viewport = left ?? fitted({ covered, coveredBelow }) ?? fitted({ covered: 0, coveredBelow: 0 });
      setFirst({ viewport: viewport ?? { x: 0, y: 0, zoom: 1 }, isKept: left !== null, width, height });
      return session.focus.register("canvas", pane);
    },
    [session],
  );
  const readOnly = useDocument((state) => state.readOnly);
  const drop = useCanvasDrop();
  return (
    <div
      ref={measure}
      role="application"
      aria-label="Canvas"
      tabIndex={-1}
      className="editor-pane relative h-full min-h-0 min-w-0 outline-none"
      // Text selected elsewhere would be copied in place of nodes.
      onPointerDownCapture={() => window.getSelection()?.removeAllRanges()}
      onDragOver={readOnly ? undefined : allowKindDrop}
      onDrop={drop}
    >
      {first && <Graph {...props} first={first} />}
    </div>
  );
}

/** What is shown before anybody moves, and the size of the pane then. */
interface First {
  readonly viewport: Viewport;
  /** It is where somebody left it. */
  readonly isKept: boolean;
  readonly width: number;
  readonly height: number;
}

function Graph({ onImport, wantedNode, first }: CanvasProps & { first: First }) {
  const session = useEditor();
  const flow = useFlow();
  const nodes = useView((state) => state.nodes);
  const edges = useView((state) => state.edges);
  const edgesChanged = useView((state) => state.edgesChanged);
  const readOnly = useDocument((state) => state.readOnly);
  const [ready, setReady] = useState(false);
  const zoomedOut = useIsMapped(nodes.length);
  const mapped = ready ? zoomedOut : isMapped(first.viewport.zoom, nodes.length);
  useOfferedCommands();
  useClipboardEvents(flow);
  useFollowView(flow);
  useStayPut(flow);
  useStayInSight(flow);
  useMappedSelection(mapped);
  const linking = useLinking(flow);
  const pointer = useCanvasPointer(flow, mapped);
  const tabbed = useCallback((event: KeyboardEvent<HTMLElement>) => moveByTab(event, session.focus), [session]);
  const least = useLeastZoom(nodes, first);

  useEffect(() => {
    return session.document.subscribe(
      (state, before) => state.document !== before.document && session.view.getState().sync(state.document),
    );
  }, [session]);

  useEffect(() => () => session.view.setState({ viewport: flow.getViewport() }), [session, flow]);

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

  const opened = (): void => {
    setReady(true);
    if (wantedNode !== null && session.document.getState().document.nodes[wantedNode])
      showRecords(session, [wantedNode], [], flow);
    else if (!first.isKept && isCovered(session.view.getState())) fitAll(session, flow);
  };

  return (
    <>
      <EdgeMarkers />
      <ReactFlow<FlowNode, FlowEdge>
        className="editor-flow"
        nodes={mapped ? NO_NODES : nodes}
        edges={mapped ? NO_EDGES : edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={nodesChanged}
        onEdgesChange={edgesChanged}
        onConnectStart={linking.start}
        onConnectEnd={linking.end}
        {...pointer}
        onKeyDown={tabbed}
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
        panOnScroll
        panOnScrollSpeed={1}
        zoomOnDoubleClick={false}
        snapToGrid
        snapGrid={SNAP}
        minZoom={least}
        maxZoom={MOST_ZOOM}
        defaultViewport={first.viewport}
        onInit={opened}
        onlyRenderVisibleElements
        elevateNodesOnSelect={false}
        // A selected line must not lie over the handle that the next line starts from.
        elevateEdgesOnSelect={false}
      >
        {mapped ? (
          <MapView />
        ) : (
          <>
            <Background variant={BackgroundVariant.Dots} gap={GRID} size={1.2} color="var(--line-strong)" />
            <Frames />
          </>
        )}
        {nodes.length >= MAPPED_FROM && <Minimap />}
        <CanvasControls />
      </ReactFlow>
      {nodes.length === 0 && onImport && <EmptyCanvas onImport={onImport} />}
      <CanvasMenus />
    </>
  );
}

/** A panel that lies over the canvas is measured after the canvas: what it covers was not known at first. */
const isCovered = ({ covered, coveredBelow }: ViewState): boolean => covered + coveredBelow > 0;

/** A kind dropped on the canvas becomes a node there, a recipe its nodes; a workflow file its nodes; other files are imported. */
function useCanvasDrop(): (event: DragEvent) => void {
  const session = useEditor();
  const flow = useFlow();
  const openImport = useOpenImport();
  const bring = async (data: DataTransfer): Promise<void> => {
    const found = await droppedFiles(data);
    const [first] = found;
    if (found.length === 1 && first && first.file.size <= FILE_MOST_BYTES) {
      const read = { path: first.path, text: await first.file.text() };
      if (isWorkflowFile(read)) return importFile(session, first.file);
    }
    await openImport(found, session.workflowId);
  };
  return (event) => {
    const kind = droppedKind(event, session.catalog);
    const recipe = droppedRecipe(event, session.catalog);
    const hasFiles = event.dataTransfer.types.includes("Files");
    if (kind || recipe || hasFiles) event.preventDefault();
    if (session.document.getState().readOnly) return;
    if (hasFiles)
      bring(event.dataTransfer).catch((error: unknown) =>
        toast({ tone: "bad", title: "The files could not be read", detail: String(error) }),
      );
    if (!kind && !recipe) return;
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    if (kind) addNodeAt(session, kind, { x: at.x - CARD.width / 2, y: at.y - CARD.height / 2 });
    if (recipe) addRecipe(session, recipe, flow, at);
    session.focus.give("canvas");
  };
}

/** Everything can be seen at once, however much is drawn. xyflow has no size before it is drawn. */
function useLeastZoom(nodes: readonly FlowNode[], first: First): number {
  const width = useStore((state) => state.width) || first.width;
  const height = useStore((state) => state.height) || first.height;
  return useMemo(
    () =>
      leastZoom(
        nodes.map((node) => node.position),
        { width, height, covered: 0, coveredBelow: 0 },
      ),
    [nodes, width, height],
  );
}

/** Where the cards of a finished drag were dropped; null during the drag. */
function droppedPlaces(changes: readonly NodeChange<FlowNode>[]): Record<string, Point> | null {
  const places: Record<string, Point> = {};
  for (const change of changes) {
    if (change.type === "position" && change.dragging === false && change.position) places[change.id] = change.position;
  }
  return Object.keys(places).length === 0 ? null : places;
}
