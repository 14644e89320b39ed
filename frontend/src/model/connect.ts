/** Who may be connected to whom, which relations fit, and in a word why not. */
import { kindLabel, relationsBetween, type Catalog, type Relation } from "./catalog";
import type { EdgeRecord, GraphDocument } from "./records";

export interface Connection {
  readonly source: string;
  readonly target: string;
  readonly relation: Relation;
}

export type Judgement =
  { readonly type: "allowed"; readonly connections: readonly Connection[] } | { readonly type: "refused"; readonly why: string };

/**
 * Judge a line drawn from one node to another. People draw from either end: when only the other direction
 * has a row, the connections come back turned round.
 */
export function judgeConnection(catalog: Catalog, document: GraphDocument, from: string, to: string): Judgement {
  if (from === to) return refused("same node");
  const a = document.nodes[from];
  const b = document.nodes[to];
  if (!a || !b) return refused("no node there");
  const forward = relationsBetween(catalog, a.kind, b.kind);
  const turned = forward.length === 0;
  const [source, target] = turned ? [b, a] : [a, b];
  const relations = turned ? relationsBetween(catalog, b.kind, a.kind) : forward;
  if (relations.length === 0) return refused(`${kindLabel(catalog, a.kind)} has no relation with ${kindLabel(catalog, b.kind)}`);
  const drawn = new Set(edgesBetween(document, source.id, target.id).map((edge) => edge.relation));
  const left = relations.filter((relation) => !drawn.has(relation.id));
  if (left.length === 0) return refused("already connected");
  const free = left.filter((relation) => !isTaken(document, relation, source.id, target.id));
  if (free.length === 0) return refused(left[0]?.one_per?.includes("source") ? `${source.name} has one already` : `${target.name} has one already`);
  if (reaches(document, target.id, source.id)) return refused("would close a loop");
  return {
    type: "allowed",
    connections: free.map((relation) => ({ source: source.id, target: target.id, relation })),
  };
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
    const forward = relationsBetween(catalog, start.kind, node.kind);
    const [relations, source, target, loops] =
      forward.length > 0
        ? [forward, from, node.id, before.has(node.id)]
        : [relationsBetween(catalog, node.kind, start.kind), node.id, from, after.has(node.id)];
    const fits = (relation: Relation): boolean => !drawn.has(`${source} ${target} ${relation.id}`) && !isTaken(document, relation, source, target);
    if (!loops && relations.some(fits)) allowed.add(node.id);
  }
  return allowed;
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
function isTaken(document: GraphDocument, relation: Relation, source: string, target: string): boolean {
  if (!relation.one_per || relation.one_per.length === 0) return false;
  const [bySource, byTarget] = [relation.one_per.includes("source"), relation.one_per.includes("target")];
  return Object.values(document.edges).some(
    (edge) => edge.relation === relation.id && ((bySource && edge.source === source) || (byTarget && edge.target === target)),
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

function refused(why: string): Judgement {
  return { type: "refused", why };
}
