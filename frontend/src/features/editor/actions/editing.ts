/** What people do to the graph, from wherever they do it: keys, menus, buttons and the canvas call these. */
import type { Kind, Parameter, Relation } from "@/model/catalog";
import { duplicateFragment } from "@/model/clipboard";
import { judgeConnection, type Connection } from "@/model/connect";
import * as edits from "@/model/edits";
import { CARD, freeOffset, freeSpot, GRID, snap } from "@/model/place";
import { composeDiffs, type EdgeRecord, type Point } from "@/model/records";
import { fitAll } from "../canvas/fit";
import { tidyPlaces } from "../canvas/layout";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";

/** Adds a node with its top left corner at `at`, and selects it. */
export function addNodeAt(session: EditorSession, kind: Kind, at: Point): void {
  const { document, apply } = session.document.getState();
  const node = edits.makeNode(document, kind, snap(at));
  apply(edits.addNode(node));
  const { calm, setCalm, select } = session.view.getState();
  setCalm([...calm, node.id]);
  select([node.id]);
  session.view.setState({ tab: "form" });
}

/** Adds a node at a free spot near the middle of what is on screen, and selects it. */
export function addNodeInView(session: EditorSession, kind: Kind, flow: Flow): void {
  addNodeAt(session, kind, freeSpot(session.document.getState().document, flow.viewCentre()));
}

/**
 * Adds a node where the pointer is; one that is joined to `from` goes to the free spot nearest to it. `at` is on the
 * screen.
 */
export function addNodeHere(session: EditorSession, kind: Kind, flow: Flow, at: Point, from: string | null): void {
  const { x, y } = flow.screenToFlowPosition(at, { snapToGrid: false });
  const source = from === null ? undefined : session.document.getState().document.nodes[from];
  // Pulled out to the left, the line ends at the right side of the new card.
  const left = source ? (x < source.position.x ? CARD.width : 0) : CARD.width / 2;
  const wanted = { x: x - left, y: y - CARD.height / 2 };
  const moved = source ? freeOffset(session.document.getState().document, [wanted], { x: 0, y: 0 }) : { x: 0, y: 0 };
  addNodeAt(session, kind, { x: wanted.x + moved.x, y: wanted.y + moved.y });
  const [added] = session.view.getState().selectedNodes;
  if (source && added !== undefined) connectNodes(session, source.id, added, at);
}

/** Draws the edge if one relation fits, asks which if several fit, and says why if none does. `at` is on the screen. */
export function connectNodes(session: EditorSession, from: string, to: string, at: Point): void {
  const { document } = session.document.getState();
  const judged = judgeConnection(session.catalog, document, from, to);
  if (judged.type === "refused") {
    session.view.setState({ refusal: { at, why: judged.why, key: Date.now() } });
    return;
  }
  if (judged.type === "order") {
    session.view.setState({ relationMenu: { at, why: judged.why, connections: judged.connections } });
    return;
  }
  const [first] = judged.connections;
  if (judged.connections.length === 1 && first) drawConnection(session, first);
  else session.view.setState({ relationMenu: { at, why: null, connections: [...judged.connections, ...judged.also] } });
}

/** Draws the edge; one that has something to fill in is selected, so that its form opens. */
export function drawConnection(session: EditorSession, connection: Connection): void {
  const { document, apply } = session.document.getState();
  const edge = edits.makeEdge(document, connection.relation, connection.source, connection.target);
  apply(edits.connect(edge));
  session.view.setState({ relationMenu: null });
  if (connection.relation.parameters.some(isToFillIn)) session.view.getState().select([], [edge.id]);
}

function isToFillIn({ required, default: fallback, initial }: Parameter): boolean {
  return Boolean(required) && fallback === undefined && initial === undefined;
}

/** Replaces an edge by one of another relation between the same nodes, as one step of undo; selects it. */
export function changeRelation(session: EditorSession, edge: EdgeRecord, relation: Relation): void {
  const { document, apply } = session.document.getState();
  const next = edits.makeEdge(document, relation, edge.source, edge.target);
  apply({
    label: "change the relation",
    diff: composeDiffs(edits.disconnect(document, [edge.id]).diff, edits.connect(next).diff),
  });
  session.view.getState().select([], [next.id]);
}

/** The selected nodes with all their edges, and the selected edges. */
export function deleteSelection(session: EditorSession): void {
  const { selectedNodes, selectedEdges } = session.view.getState();
  const { document, apply } = session.document.getState();
  apply(edits.remove(document, selectedNodes, selectedEdges));
}

export function deleteNode(session: EditorSession, id: string): void {
  const { document, apply } = session.document.getState();
  apply(edits.remove(document, [id]));
}

export function deleteEdge(session: EditorSession, id: string): void {
  const { document, apply } = session.document.getState();
  apply(edits.disconnect(document, [id]));
}

/** Copies the selected nodes below themselves, connected as they are, and selects the copies. */
export function duplicateSelection(session: EditorSession): void {
  const { selectedNodes } = session.view.getState();
  const { document, apply } = session.document.getState();
  const fragment = duplicateFragment(document, selectedNodes);
  if (fragment.nodes.length === 0) return;
  const places = fragment.nodes.map((node) => node.position);
  const below = freeOffset(document, places, { x: 0, y: CARD.height + 2 * GRID });
  const { edit, nodeIds } = edits.paste(document, session.catalog, fragment, below);
  apply(edit);
  session.view.getState().select(nodeIds);
}

/** Moves the selected nodes; nudges in a row are one step of undo. */
export function nudgeSelection(session: EditorSession, dx: number, dy: number): void {
  const { document, apply } = session.document.getState();
  const places: Record<string, Point> = {};
  for (const id of session.view.getState().selectedNodes) {
    const node = document.nodes[id];
    if (node) places[id] = { x: node.position.x + dx, y: node.position.y + dy };
  }
  apply(edits.move(document, places, "nudge"));
}

/** Places all nodes along their edges and shows the result. */
export async function layoutAll(session: EditorSession, flow: Flow): Promise<void> {
  session.view.setState({ arranging: true });
  try {
    const places = await tidyPlaces(session.document.getState().document);
    // The graph may have changed meanwhile: nodes that are gone are left out, new ones stay where they are.
    const { document, apply } = session.document.getState();
    apply(edits.layout(document, places));
    requestAnimationFrame(() => fitAll(session, flow));
  } finally {
    session.view.setState({ arranging: false });
  }
}
