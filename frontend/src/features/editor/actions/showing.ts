/** Showing nodes, edges and fields: selected, in view, with the caret in place. */
import { isPatch, type Problem } from "@/model/checks";
import { normalizeField } from "@/model/paths";
import type { Point } from "@/model/records";
import { motionMs } from "@/ui";
import { viewportOf } from "../canvas/fit";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";

/** Selects nodes and edges and moves the view to them. */
export function showRecords(
  session: EditorSession,
  nodeIds: readonly string[],
  edgeIds: readonly string[],
  flow: Flow,
): void {
  const { document } = session.document.getState();
  session.view.getState().select(nodeIds, edgeIds);
  const ends = edgeIds.flatMap((id) => {
    const edge = document.edges[id];
    return edge ? [edge.source, edge.target] : [];
  });
  const places = [...nodeIds, ...ends].flatMap((id) => document.nodes[id]?.position ?? []);
  moveTo(places, flow);
}

/** Moves the view to cards, without selecting them. */
export function moveTo(places: readonly Point[], flow: Flow): void {
  const next = viewportOf(places, flow.screen(), { least: 0.3, most: Math.max(1, flow.getZoom()) });
  if (next) void flow.setViewport(next, { duration: motionMs(180) });
}

/** Selects what a problem is about, moves the view there and puts the caret into its field. */
export function showProblem(session: EditorSession, problem: Problem, flow: Flow): void {
  const { nodeIds, edgeIds, field } = subjectOf(problem);
  showRecords(session, nodeIds, edgeIds, flow);
  session.view.setState({
    tab: isPatch(field) ? "yaml" : "form",
    focusField: field === null ? null : { path: field, key: Date.now() },
  });
}

/** Selects a node, moves the view there and puts the caret into the field of a parameter. */
export function showField(session: EditorSession, nodeId: string, parameter: string, flow: Flow): void {
  showRecords(session, [nodeId], [], flow);
  session.view.setState({ tab: "form", focusField: { path: `parameters.${parameter}`, key: Date.now() } });
}

/** Opens the palette if it is folded, with the caret in its search box. */
export function findKind({ view, focus }: EditorSession): void {
  view.setState({ outline: false, findingKind: true });
  if (!focus.give("palette")) requestAnimationFrame(() => focus.give("palette"));
}

interface Subject {
  readonly nodeIds: readonly string[];
  readonly edgeIds: readonly string[];
  /** A dotted path inside the one node or edge: `parameters.ports.0.port`. */
  readonly field: string | null;
}

/** What a problem is about: the owner of its field, else the nodes it names, else its edges. */
export function subjectOf(problem: Problem): Subject {
  const match = /^(nodes|edges)\.([^.]+)\.(.*)$/.exec(problem.field === null ? "" : normalizeField(problem.field));
  const [, table, id = "", path = ""] = match ?? [];
  if (table === "nodes") return { nodeIds: [id], edgeIds: [], field: path || null };
  if (table === "edges") return { nodeIds: [], edgeIds: [id], field: path || null };
  if (problem.node_ids.length > 0) return { nodeIds: problem.node_ids, edgeIds: [], field: null };
  return { nodeIds: [], edgeIds: problem.edge_ids, field: null };
}
