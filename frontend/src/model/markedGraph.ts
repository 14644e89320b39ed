/** A graph with marks: what a plan does to each card, or what differs between two graphs. */
import type { PlanObject } from "@/contract";
import { isOnlyLive, planBands, refKey, STANCES, stanceOf, stanceWord, type PlanTone } from "./planWords";
import { boundsOf, CARD, GRID, snap } from "./place";
import { diffDocuments, type EdgeRecord, type GraphDocument, type NodeRecord, type Point } from "./records";
import { describeDiff } from "./graphDiff";

/** Of one card: a shape, a colour and a word. */
export interface CardMark {
  readonly mark: string;
  readonly tone: PlanTone;
  readonly word: string;
  /** It is not part of the graph any more. */
  readonly gone: boolean;
}

/** Of one line. */
export type LineMark = "added" | "removed";

export interface MarkedGraph {
  readonly document: GraphDocument;
  readonly cards: ReadonlyMap<string, CardMark>;
  readonly lines: ReadonlyMap<string, LineMark>;
}

/** The id of the card that stands for an object; one without a node has a card of its own. */
export function cardIdOf({ node_id, ref }: Pick<PlanObject, "node_id" | "ref">): string {
  return node_id ?? `object ${refKey(ref)}`;
}

/**
 * The graph that a plan is about, each card marked with the gravest of what becomes of its objects. Objects that no node
 * stands for (they go, are held, or are made along with others) get cards: where they were in `before`, the graph that
 * was deployed, else below the others. `kindOf` names the kind of the catalog for an object.
 */
export function planGraph(
  graph: GraphDocument,
  objects: readonly PlanObject[],
  before: GraphDocument,
  kindOf: (ref: PlanObject["ref"]) => string,
): MarkedGraph {
  const { acting, held, bookkeeping, untouched } = planBands(objects);
  const cards = new Map<string, CardMark>();
  const more = new Map<string, number>();
  const ghosts = new Map<string, PlanObject>();
  for (const object of [...acting, ...held]) {
    const id = cardIdOf(object);
    const gone = graph.nodes[id] === undefined;
    if (gone && !ghosts.has(id)) ghosts.set(id, object);
    if (cards.has(id)) more.set(id, (more.get(id) ?? 0) + 1);
    else {
      const { mark, tone } = STANCES[stanceOf(object)];
      cards.set(id, { mark, tone, word: stanceWord(object), gone: gone && isLeaving(object) });
    }
  }
  for (const [id, count] of more) {
    const mark = cards.get(id);
    if (mark) cards.set(id, { ...mark, word: `${mark.word} +${count}` });
  }
  for (const object of [...bookkeeping, ...untouched]) {
    const id = cardIdOf(object);
    if (graph.nodes[id] && !cards.has(id)) cards.set(id, { ...STANCES.unchanged, gone: false });
  }
  const nodes = { ...graph.nodes };
  const places = ghostPlaces(graph, [...ghosts.keys()], before);
  for (const [id, object] of ghosts) {
    const known = before.nodes[id];
    nodes[id] = {
      id,
      kind: known?.kind ?? kindOf(object.ref),
      name: known?.name ?? object.ref.name,
      position: places.get(id) ?? { x: 0, y: 0 },
      parameters: known?.parameters ?? {},
      patch: null,
    };
  }
  const lost = edgesBetween(before, nodes, graph.edges, (edge) => ghosts.has(edge.source) || ghosts.has(edge.target));
  return {
    document: { nodes, edges: { ...graph.edges, ...lost } },
    cards,
    lines: new Map(Object.keys(lost).map((id) => [id, "removed"] as const)),
  };
}

const isLeaving = ({ effect }: PlanObject): boolean => isOnlyLive(effect);

/** Two graphs as one: all of `to`, and what only `from` has; each card and line that differs is marked. */
export function comparedGraph(from: GraphDocument, to: GraphDocument): MarkedGraph {
  const cards = new Map<string, CardMark>();
  for (const change of describeDiff(from, to)) {
    if (change.type === "node") cards.set(change.id, { ...CHANGES[change.change], gone: change.change === "removed" });
  }
  const { edges, nodes } = diffDocuments(from, to);
  const all: Record<string, NodeRecord> = { ...to.nodes };
  const places = ghostPlaces(to, Object.keys(nodes.removed), from);
  for (const [id, node] of Object.entries(nodes.removed))
    all[id] = { ...node, position: places.get(id) ?? node.position };
  const lost = edgesBetween(from, all, to.edges, () => true);
  const lines = new Map<string, LineMark>();
  for (const id of Object.keys(edges.added)) lines.set(id, "added");
  for (const id of Object.keys(lost)) lines.set(id, "removed");
  return { document: { nodes: all, edges: { ...to.edges, ...lost } }, cards, lines };
}

export const CHANGES = {
  added: { mark: "+", tone: "ok", word: "added" },
  removed: { mark: "−", tone: "bad", word: "removed" },
  modified: { mark: "~", tone: "busy", word: "changed" },
  /** It differs, and no run changes that. */
  left: { mark: "≈", tone: "unknown", word: "left as it is" },
} as const;

/** Lines of `graph` that `known` has not, whose ends are both there. */
function edgesBetween(
  graph: GraphDocument,
  nodes: Readonly<Record<string, NodeRecord>>,
  known: GraphDocument["edges"],
  wanted: (edge: EdgeRecord) => boolean,
): Record<string, EdgeRecord> {
  const found: Record<string, EdgeRecord> = {};
  for (const edge of Object.values(graph.edges))
    if (!known[edge.id] && nodes[edge.source] && nodes[edge.target] && wanted(edge)) found[edge.id] = edge;
  return found;
}

/** Where the cards that `graph` has not were in `before`, unless something else lies there by now; else in rows below. */
function ghostPlaces(graph: GraphDocument, ids: readonly string[], before: GraphDocument): Map<string, Point> {
  const taken = Object.values(graph.nodes).map((node) => node.position);
  const places = new Map<string, Point>();
  const homeless: string[] = [];
  for (const id of ids) {
    const old = before.nodes[id]?.position;
    const isFree =
      old && taken.every((at) => Math.abs(at.x - old.x) >= CARD.width || Math.abs(at.y - old.y) >= CARD.height);
    if (!old || !isFree) homeless.push(id);
    else {
      places.set(id, old);
      taken.push(old);
    }
  }
  const bounds = boundsOf(taken) ?? { x: 0, y: 0, width: 0, height: -4 * GRID };
  const [wide, high] = [CARD.width + 2 * GRID, CARD.height + 2 * GRID];
  const perRow = Math.max(3, Math.floor((bounds.width + 2 * GRID) / wide));
  homeless.forEach((id, index) => {
    const [column, row] = [index % perRow, Math.floor(index / perRow)];
    places.set(id, snap({ x: bounds.x + column * wide, y: bounds.y + bounds.height + 4 * GRID + row * high }));
  });
  return places;
}
