/** The view of the editor: selection, open panels, the line being drawn. Nothing here is saved or undone. */
import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange, type Viewport } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Connection as GraphConnection } from "@/model/connect";
import type { CardMark, LineMark } from "@/model/markedGraph";
import type { GraphDocument, Point } from "@/model/records";
import { rememberedRoutes } from "@/model/routes";
import { syncEdges, syncNodes, type FlowEdge, type FlowNode, type LineName } from "./flowElements";

export type InspectorTab =
  "form" | "yaml" | "status" | "diagnosis" | "logs" | "terminal" | "secrets" | "drift" | "readers" | "builds";
export type DrawerTab = "problems" | "run" | "wrong";

export interface Linking {
  readonly from: string;
  readonly allowed: ReadonlySet<string>;
}

/** What was under the pointer when the menu was asked for; neither a node nor an edge is the empty canvas. */
export interface ContextMenuAt {
  readonly at: Point;
  readonly nodeId: string | null;
  readonly edgeId: string | null;
}

export interface ViewState {
  readonly nodes: FlowNode[];
  readonly edges: FlowEdge[];
  readonly selectedNodes: readonly string[];
  readonly selectedEdges: readonly string[];
  /** A line is being drawn from this node. */
  readonly linking: Linking | null;
  /** Cards are being dragged; from the first pixel, before any of them has a new place on the grid. */
  readonly dragging: boolean;
  /** The card under the pointer: its lines stand out. */
  readonly hovered: string | null;
  /** New nodes: what they still need is not called an error until a field was left empty, or Run was pressed. */
  readonly calm: ReadonlySet<string>;
  /** Pixels at the right of the canvas that the inspector covers; on a small screen it lies over the lower part. */
  readonly covered: number;
  readonly coveredBelow: number;
  /** Several relations fit: where to ask for one. */
  readonly relationMenu: {
    readonly at: Point;
    readonly why: string | null;
    readonly connections: readonly GraphConnection[];
  } | null;
  /** Why the last drop was refused, shown where it happened. */
  readonly refusal: { readonly at: Point; readonly why: string; readonly key: number } | null;
  readonly contextMenu: ContextMenuAt | null;
  /** Keyboard connect: choose the target from a list. */
  readonly connectFrom: string | null;
  readonly tab: InspectorTab;
  readonly drawer: DrawerTab | null;
  /** The run that this person started last. */
  readonly runId: string | null;
  /** A run that the person chose to see, until another one is started; null: the newest. */
  readonly chosenRun: { readonly id: string; readonly instead: string | null } | null;
  readonly versionsOpen: boolean;
  /** Beside the canvas: what the credentials of the cluster may not do, or what would break on each cluster. */
  readonly check: "rights" | "fits" | null;
  /** A plan was asked for: it is being made, or could not be. */
  readonly planAsked: boolean;
  /** A graph that is only shown, without an inspector. */
  readonly lens: boolean;
  /** What a plan or a comparison says of cards and lines; empty in the editor itself. */
  readonly cardMarks: ReadonlyMap<string, CardMark>;
  readonly lineMarks: ReadonlyMap<string, LineMark>;
  /** Where the canvas was when something else took its place; null until then. */
  readonly viewport: Viewport | null;
  readonly outline: boolean;
  /** A node is looked for by its name. */
  readonly findingNode: boolean;
  /** The folded palette is open while a kind is looked for. */
  readonly findingKind: boolean;
  readonly adding: Adding | null;
  /** Nodes that differ from what the environment has. */
  readonly undeployed: ReadonlySet<string>;
  /** The inspector takes most of the window. */
  readonly wide: boolean;
  /** A tidy layout is being computed. */
  readonly arranging: boolean;
  /** A version is being restored: the save that comes from it is ours. */
  readonly restoring: boolean;
  /** Bring this field into view and give it the focus. */
  readonly focusField: { readonly path: string; readonly key: number } | null;
  readonly environmentId: string | null;
  /** The dialog of the conflict was closed without a choice; the title bar opens it again. */
  readonly conflictAside: boolean;
  sync: (document: GraphDocument) => void;
  nodesChanged: (changes: NodeChange<FlowNode>[]) => void;
  edgesChanged: (changes: EdgeChange<FlowEdge>[]) => void;
  select: (nodeIds: readonly string[], edgeIds?: readonly string[]) => void;
  selectAll: () => void;
  /** These nodes are new, or none is new any more. */
  setCalm: (nodeIds: Iterable<string>) => void;
}

/** Something is to be added: ask what. Points are on the screen. */
export interface Adding {
  readonly at: Point;
  /** The node to which it is joined. */
  readonly from: string | null;
  /** Only recipes are meant. */
  readonly recipes?: boolean;
  /** Where it goes, if that is not `at`. */
  readonly into?: Point;
}

export type ViewStore = StoreApi<ViewState>;

const NO_MARKS: ReadonlyMap<string, never> = new Map<string, never>();

/** `nameOf` names lines for screen readers. */
export function createViewStore(document: GraphDocument, start: Partial<ViewState>, nameOf: LineName): ViewStore {
  const routesOf = rememberedRoutes();
  return createStore<ViewState>()((set, get) => ({
    nodes: syncNodes([], document.nodes),
    edges: syncEdges([], document, nameOf, routesOf),
    selectedNodes: [],
    selectedEdges: [],
    linking: null,
    dragging: false,
    hovered: null,
    calm: new Set(),
    covered: 0,
    coveredBelow: 0,
    relationMenu: null,
    refusal: null,
    contextMenu: null,
    connectFrom: null,
    tab: "form",
    drawer: null,
    runId: null,
    chosenRun: null,
    versionsOpen: false,
    check: null,
    planAsked: false,
    lens: false,
    cardMarks: NO_MARKS,
    lineMarks: NO_MARKS,
    viewport: null,
    outline: false,
    findingNode: false,
    findingKind: false,
    adding: null,
    undeployed: new Set(),
    wide: false,
    arranging: false,
    restoring: false,
    focusField: null,
    environmentId: null,
    conflictAside: false,
    ...start,
    sync: (next) => {
      const nodes = syncNodes(get().nodes, next.nodes);
      const edges = syncEdges(get().edges, next, nameOf, routesOf);
      set({ nodes, edges, ...selection(get(), nodes, edges) });
    },
    nodesChanged: (changes) => {
      const nodes = applyNodeChanges(changes, get().nodes);
      const selecting = changes.some((change) => change.type === "select");
      // Also of a drag that was broken off, which has no other end.
      const dropped = changes.some((change) => change.type === "position" && change.dragging === false);
      set({
        nodes,
        ...(dropped ? { dragging: false } : {}),
        ...(selecting ? selection(get(), nodes, get().edges) : {}),
      });
    },
    edgesChanged: (changes) => {
      const edges = applyEdgeChanges(changes, get().edges);
      const selecting = changes.some((change) => change.type === "select");
      set(selecting ? { edges, ...selection(get(), get().nodes, edges) } : { edges });
    },
    select: (nodeIds, edgeIds = []) => {
      const [wantedNodes, wantedEdges] = [new Set(nodeIds), new Set(edgeIds)];
      const nodes = get().nodes.map((node) => withSelected(node, wantedNodes.has(node.id)));
      const edges = get().edges.map((edge) => withSelected(edge, wantedEdges.has(edge.id)));
      set({ nodes, edges, ...selection(get(), nodes, edges) });
    },
    setCalm: (nodeIds) => set({ calm: new Set(nodeIds) }),
    selectAll: () => {
      const { nodes, edges, select } = get();
      select(
        nodes.map((node) => node.id),
        edges.map((edge) => edge.id),
      );
    },
  }));
}

/** The selected ids of these nodes and edges; a field that was asked for belongs to what was selected before. */
function selection(
  state: ViewState,
  nodes: FlowNode[],
  edges: FlowEdge[],
): Pick<ViewState, "selectedNodes" | "selectedEdges" | "focusField" | "versionsOpen" | "check"> {
  const selectedNodes = keepSame(state.selectedNodes, selectedIds(nodes));
  const selectedEdges = keepSame(state.selectedEdges, selectedIds(edges));
  const same = selectedNodes === state.selectedNodes && selectedEdges === state.selectedEdges;
  // What is selected anew is shown, where the versions or a check may be.
  const before = new Set([...state.selectedNodes, ...state.selectedEdges]);
  const isNew = [...selectedNodes, ...selectedEdges].some((id) => !before.has(id));
  return {
    selectedNodes,
    selectedEdges,
    focusField: same ? state.focusField : null,
    versionsOpen: state.versionsOpen && (same || !isNew),
    check: same || !isNew ? state.check : null,
  };
}

function selectedIds(items: readonly { id: string; selected?: boolean }[]): string[] {
  return items.filter((item) => item.selected).map((item) => item.id);
}

function keepSame(before: readonly string[], after: readonly string[]): readonly string[] {
  return before.length === after.length && before.every((id, index) => id === after[index]) ? before : after;
}

function withSelected<T extends { selected?: boolean }>(item: T, selected: boolean): T {
  return Boolean(item.selected) === selected ? item : { ...item, selected };
}
