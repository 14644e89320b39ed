/** Which nodes may be connected, by which relations, and why not. */
import { kindLabel, relationsBetween, type Catalog, type Kind, type Relation } from "./catalog";
import type { EdgeRecord, GraphDocument, NodeRecord } from "./records";

export interface Connection {
  readonly source: string;
  readonly target: string;
  readonly relation: Relation;
}

export type Judgement =
  /** `also` are relations that fit without referring to anything; shown last where one is asked anyway. */
  | { readonly type: "allowed"; readonly connections: readonly Connection[]; readonly also: readonly Connection[] }
  /** No reference fits, for the reason given; an order between the two can still be drawn. */
  | { readonly type: "order"; readonly why: string; readonly connections: readonly Connection[] }
  | { readonly type: "refused"; readonly why: string };

/**
 * Checks a line drawn from one node to another. People draw from either end: when only the other direction has a row,
 * the connections are returned reversed.
 */
export function judgeConnection(catalog: Catalog, document: GraphDocument, from: string, to: string): Judgement {
  const [a, b] = [document.nodes[from], document.nodes[to]];
  if (from === to) return { type: "refused", why: "same node" };
  if (!a || !b) return { type: "refused", why: "no node there" };
  const references = judgeReferences(catalog, document, a, b);
  const also = reaches(document, to, from)
    ? []
    : freeRows(document, rowsBetween(catalog, a.kind, b.kind, true), from, to).map((relation) => ({
        source: from,
        target: to,
        relation,
      }));
  if (typeof references !== "string") return { type: "allowed", connections: references, also };
  return also.length > 0 ? { type: "order", why: references, connections: also } : { type: "refused", why: references };
}

/** The references that may be drawn, or why there are none. */
function judgeReferences(
  catalog: Catalog,
  document: GraphDocument,
  a: NodeRecord,
  b: NodeRecord,
): readonly Connection[] | string {
  const forward = rowsBetween(catalog, a.kind, b.kind, false);
  const [source, target] = forward.length === 0 ? [b, a] : [a, b];
  const rows = forward.length === 0 ? rowsBetween(catalog, b.kind, a.kind, false) : forward;
  if (rows.length === 0) return `${kindLabel(catalog, a.kind)} has no relation with ${kindLabel(catalog, b.kind)}`;
  const drawn = new Set(edgesBetween(document, source.id, target.id).map((edge) => edge.relation));
  const left = rows.filter((relation) => !drawn.has(relation.id));
  if (left.length === 0) return "already connected";
  const free = freeRows(document, left, source.id, target.id);
  if (free.length === 0)
    return left[0]?.one_per?.includes("source") ? `${source.name} has one already` : `${target.name} has one already`;
  if (reaches(document, target.id, source.id)) return "would close a loop";
  return free.map((relation) => ({ source: source.id, target: target.id, relation }));
}

function rowsBetween(catalog: Catalog, source: string, target: string, universal: boolean): readonly Relation[] {
  return relationsBetween(catalog, source, target).filter(
    (relation) => catalog.universal.has(relation.id) === universal,
  );
}

function freeRows(document: GraphDocument, rows: readonly Relation[], source: string, target: string): Relation[] {
  const drawn = new Set(edgesBetween(document, source, target).map((edge) => edge.relation));
  return rows.filter((relation) => !drawn.has(relation.id) && !isTaken(document, relation, source, target));
}

/** Every node that a line from `from` may end on. */
export function allowedTargets(catalog: Catalog, document: GraphDocument, from: string): Set<string> {
  const start = document.nodes[from];
  const allowed = new Set<string>();
  if (!start) return allowed;
  const before = closure(document, from, (edge) => [edge.target, edge.source]);
  const after = closure(document, from, (edge) => [edge.source, edge.target]);
  const drawn = new Set(Object.values(document.edges).map((edge) => `${edge.source} ${edge.target} ${edge.relation}`));
  for (const node of Object.values(document.nodes)) {
    if (node.id === from) continue;
    const forward = rowsBetween(catalog, start.kind, node.kind, false);
    const [relations, source, target, loops] =
      forward.length > 0
        ? [forward, from, node.id, before.has(node.id)]
        : [rowsBetween(catalog, node.kind, start.kind, false), node.id, from, after.has(node.id)];
    const fits = (relation: Relation): boolean =>
      !drawn.has(`${source} ${target} ${relation.id}`) && !isTaken(document, relation, source, target);
    if (!loops && relations.some(fits)) allowed.add(node.id);
  }
  return allowed;
}

/** The kinds of which a new node could be connected to this one; an order, which any two may have, does not count. */
export function kindsThatFit(catalog: Catalog, document: GraphDocument, nodeId: string): Kind[] {
  const node = document.nodes[nodeId];
  if (!node) return [];
  const edges = Object.values(document.edges);
  // A new node has no connection yet: only the end that is there may be taken.
  const isFree = (relation: Relation, end: "source" | "target"): boolean =>
    !relation.one_per?.includes(end) || !edges.some((edge) => edge.relation === relation.id && edge[end] === nodeId);
  return catalog.kinds.filter(({ id }) => {
    const forward = rowsBetween(catalog, node.kind, id, false);
    if (forward.length > 0) return forward.some((relation) => isFree(relation, "source"));
    return rowsBetween(catalog, id, node.kind, false).some((relation) => isFree(relation, "target"));
  });
}

export function edgesBetween(document: GraphDocument, source: string, target: string): EdgeRecord[] {
  return Object.values(document.edges).filter((edge) => edge.source === source && edge.target === target);
}

export function edgesOf(document: GraphDocument, nodeId: string): EdgeRecord[] {
  return Object.values(document.edges).filter((edge) => edge.source === nodeId || edge.target === nodeId);
}

/** True when a walk along the edges leads from `start` to `goal`. */
export function reaches(document: GraphDocument, start: string, goal: string): boolean {
  return closure(document, start, (edge) => [edge.source, edge.target]).has(goal);
}

/** Some relations may stand only once at an end: a Service sends its traffic to one workload. */
export function isTaken(
  document: Pick<GraphDocument, "edges">,
  relation: Relation,
  source: string,
  target: string,
): boolean {
  if (!relation.one_per || relation.one_per.length === 0) return false;
  const [bySource, byTarget] = [relation.one_per.includes("source"), relation.one_per.includes("target")];
  return Object.values(document.edges).some(
    (edge) =>
      edge.relation === relation.id && ((bySource && edge.source === source) || (byTarget && edge.target === target)),
  );
}

function closure(document: GraphDocument, start: string, ends: (edge: EdgeRecord) => [string, string]): Set<string> {
  const next = new Map<string, string[]>();
  for (const edge of Object.values(document.edges)) {
    const [from, to] = ends(edge);
    const list = next.get(from);
    if (list) list.push(to);
    else next.set(from, [to]);
  }
  const seen = new Set([start]);
  const queue = [start];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const neighbour of next.get(id) ?? []) {
      if (!seen.has(neighbour)) {
        seen.add(neighbour);
        queue.push(neighbour);
      }
    }
  }
  seen.delete(start);
  return seen;
}
