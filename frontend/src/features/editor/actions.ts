/** What people do in the editor, from wherever they do it: keyboard, menus, buttons and the canvas call these. */
import type { Kind } from "@/model/catalog";
import type { Problem } from "@/model/checks";
import { copyFragment, duplicateFragment, fragmentCentre, fragmentFromText, fragmentToText } from "@/model/clipboard";
import { judgeConnection, type Connection } from "@/model/connect";
import * as edits from "@/model/edits";
import { normalizeField } from "@/model/paths";
import { CARD, freeSpot, GRID, snap } from "@/model/place";
import type { Point } from "@/model/records";
import { motionMs } from "@/ui";
import { fitAll } from "./canvas/fit";
import { tidyPlaces } from "./canvas/layout";
import { sampleEdit } from "./sample";
import type { Flow } from "./state/flow";
import type { EditorSession } from "./state/session";

/** Adds a node with its top left corner at `at`, and selects it. */
export function addNodeAt(session: EditorSession, kind: Kind, at: Point): void {
  const { document, apply } = session.document.getState();
  const node = edits.makeNode(document, kind, snap(at));
  apply(edits.addNode(node));
  session.view.getState().select([node.id]);
  session.view.setState({ tab: "form" });
}

/** Adds a node at a free spot near the middle of what is on screen, and selects it. */
export function addNodeInView(session: EditorSession, kind: Kind, flow: Flow, pane: DOMRect): void {
  const centre = flow.screenToFlowPosition({ x: pane.left + pane.width / 2, y: pane.top + pane.height / 2 });
  addNodeAt(session, kind, freeSpot(session.document.getState().document, centre));
}

/** Draws the line if one relation fits; asks which if several do; says why if none does. */
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

export function drawConnection(session: EditorSession, connection: Connection): void {
  const { document, apply } = session.document.getState();
  const edge = edits.makeEdge(document, connection.relation, connection.source, connection.target);
  apply(edits.connect(edge));
  session.view.setState({ relationMenu: null });
  if (connection.relation.parameters.length > 0) session.view.getState().select([], [edge.id]);
}

export function deleteSelection(session: EditorSession): void {
  const { selectedNodes, selectedEdges } = session.view.getState();
  const { document, apply } = session.document.getState();
  apply(edits.remove(document, selectedNodes, selectedEdges));
}

export function deleteNode(session: EditorSession, id: string): void {
  const { document, apply } = session.document.getState();
  apply(edits.remove(document, [id]));
}

export function copySelection(session: EditorSession): string | null {
  const { selectedNodes } = session.view.getState();
  if (selectedNodes.length === 0) return null;
  return fragmentToText(copyFragment(session.document.getState().document, selectedNodes));
}

/** Lays the clipboard's nodes down around `centre`; tells whether the text was ours. */
export function pasteText(session: EditorSession, text: string, centre: Point): boolean {
  const fragment = fragmentFromText(text);
  if (!fragment || fragment.nodes.length === 0) return false;
  const { document, apply } = session.document.getState();
  const middle = fragmentCentre(fragment, CARD);
  const taken = new Set(Object.values(document.nodes).map((node) => `${node.position.x} ${node.position.y}`));
  let offset = snap({ x: centre.x - middle.x, y: centre.y - middle.y });
  // Pasted twice at one place: each next copy a step beside the last.
  while (fragment.nodes.some((node) => taken.has(`${node.position.x + offset.x} ${node.position.y + offset.y}`))) {
    offset = { x: offset.x + 2 * GRID, y: offset.y + 2 * GRID };
  }
  const { edit, nodeIds } = edits.paste(document, session.catalog, fragment, offset);
  apply(edit);
  session.view.getState().select(nodeIds);
  return true;
}

export function duplicateSelection(session: EditorSession): void {
  const { selectedNodes } = session.view.getState();
  const { document, apply } = session.document.getState();
  const fragment = duplicateFragment(document, selectedNodes);
  if (fragment.nodes.length === 0) return;
  const { edit, nodeIds } = edits.paste(document, session.catalog, fragment, {
    x: 2 * GRID,
    y: CARD.height + 2 * GRID,
  });
  apply(edit);
  session.view.getState().select(nodeIds);
}

export function nudgeSelection(session: EditorSession, dx: number, dy: number): void {
  const { document, apply } = session.document.getState();
  const places: Record<string, Point> = {};
  for (const id of session.view.getState().selectedNodes) {
    const node = document.nodes[id];
    if (node) places[id] = { x: node.position.x + dx, y: node.position.y + dy };
  }
  apply(edits.move(document, places, "nudge"));
}

export async function layoutAll(session: EditorSession, flow: Flow): Promise<void> {
  const { document } = session.document.getState();
  const places = await tidyPlaces(document);
  const state = session.document.getState();
  state.apply(edits.layout(state.document, places));
  requestAnimationFrame(() => fitAll(flow));
}

/** Selects what a problem speaks of, brings it into view and opens its field. */
export function showProblem(session: EditorSession, problem: Problem, flow: Flow): void {
  const field = problem.field === null ? null : normalizeField(problem.field);
  const match = field === null ? null : /^(nodes|edges)\.([^.]+)\.(.*)$/.exec(field);
  const edgeIds = match?.[1] === "edges" && match[2] ? [match[2]] : problem.node_ids.length > 0 ? [] : problem.edge_ids;
  const nodeIds = match?.[1] === "nodes" && match[2] ? [match[2]] : match?.[1] === "edges" ? [] : problem.node_ids;
  showRecords(session, nodeIds, edgeIds, flow);
  session.view.setState({ tab: "form", focusField: match?.[3] ? { path: match[3], key: Date.now() } : null });
}

export function showRecords(
  session: EditorSession,
  nodeIds: readonly string[],
  edgeIds: readonly string[],
  flow: Flow,
): void {
  const { document } = session.document.getState();
  session.view.getState().select(nodeIds, edgeIds);
  const ends = edgeIds.flatMap((id) =>
    document.edges[id] ? [document.edges[id].source, document.edges[id].target] : [],
  );
  const nodes = [...nodeIds, ...ends].map((id) => ({ id }));
  if (nodes.length > 0)
    void flow.fitView({
      nodes,
      padding: 0.5,
      duration: motionMs(180),
      maxZoom: Math.max(1, flow.getZoom()),
      minZoom: 0.3,
    });
}

export function drawSample(session: EditorSession, flow: Flow): void {
  const { document, apply } = session.document.getState();
  apply(sampleEdit(document, session.catalog));
  requestAnimationFrame(() => fitAll(flow));
}

export function focusPalette(): void {
  document.querySelector<HTMLInputElement>("[data-palette-search] input")?.focus();
}
