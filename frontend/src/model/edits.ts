/** The edits of a graph. Each function takes a document and returns the edit; it changes nothing itself. */
import type { Catalog, Kind, Parameter, Relation } from "./catalog";
import type { Fragment } from "./clipboard";
import { isTaken } from "./connect";
import { titleBeside } from "./groups";
import type { Edit } from "./history";
import { freeName, namesOfKind, newId } from "./names";
import { withValueAt, type Path } from "./paths";
import {
  EMPTY_DIFF,
  emptyTableDiff,
  sameJson,
  type EdgeRecord,
  type GraphDocument,
  type Json,
  type NodeRecord,
  type Parameters,
  type Point,
  type RecordsDiff,
} from "./records";

export type RecordRef = { readonly type: "node" | "edge"; readonly id: string };

/** A new node of `kind` with its initial values; defaults stay in the catalog. */
export function makeNode(document: GraphDocument, kind: Kind, position: Point, random?: () => number): NodeRecord {
  return {
    id: newId(kind.id, (id) => document.nodes[id] !== undefined, random),
    kind: kind.id,
    name: freeName(namesOfKind(document, kind.id), kind.name_prefix || kind.id),
    position: rounded(position),
    parameters: initialParameters(kind.parameters),
    patch: null,
  };
}

export function addNode(node: NodeRecord): Edit {
  return {
    label: `add ${node.name}`,
    diff: { ...EMPTY_DIFF, nodes: { ...emptyTableDiff(), added: { [node.id]: node } } },
  };
}

export function makeEdge(
  document: GraphDocument,
  relation: Relation,
  source: string,
  target: string,
  random?: () => number,
): EdgeRecord {
  return {
    id: newId(relation.id, (id) => document.edges[id] !== undefined, random),
    source,
    target,
    relation: relation.id,
    parameters: initialParameters(relation.parameters),
  };
}

export function connect(edge: EdgeRecord): Edit {
  return { label: "connect", diff: { ...EMPTY_DIFF, edges: { ...emptyTableDiff(), added: { [edge.id]: edge } } } };
}

/** Removes nodes together with all their edges, and edges. */
export function remove(document: GraphDocument, nodeIds: Iterable<string>, edgeIds: Iterable<string> = []): Edit {
  const nodes: Record<string, NodeRecord> = {};
  const edges: Record<string, EdgeRecord> = {};
  for (const id of nodeIds) {
    const node = document.nodes[id];
    if (node) nodes[id] = node;
  }
  for (const id of edgeIds) {
    const edge = document.edges[id];
    if (edge) edges[id] = edge;
  }
  for (const edge of Object.values(document.edges)) {
    if (nodes[edge.source] || nodes[edge.target]) edges[edge.id] = edge;
  }
  const count = Object.keys(nodes).length;
  const label =
    count === 1 ? `delete ${Object.values(nodes)[0]?.name}` : count > 1 ? `delete ${count} nodes` : "disconnect";
  return {
    label,
    diff: { nodes: { ...emptyTableDiff(), removed: nodes }, edges: { ...emptyTableDiff(), removed: edges } },
  };
}

export function disconnect(document: GraphDocument, edgeIds: Iterable<string>): Edit {
  return remove(document, [], edgeIds);
}

/** Moves nodes; `merge` joins a series of nudges into one undo step. */
export function move(document: GraphDocument, places: Readonly<Record<string, Point>>, merge?: string): Edit {
  const updated: Record<string, readonly [NodeRecord, NodeRecord]> = {};
  for (const [id, place] of Object.entries(places)) {
    const node = document.nodes[id];
    const position = rounded(place);
    if (node && (node.position.x !== position.x || node.position.y !== position.y)) {
      updated[id] = [node, { ...node, position }];
    }
  }
  const ids = Object.keys(updated);
  const label = ids.length === 1 ? `move ${document.nodes[ids[0] as string]?.name}` : `move ${ids.length} nodes`;
  return { label, diff: nodesUpdated(updated), ...(merge === undefined ? {} : { merge }) };
}

export function layout(document: GraphDocument, places: Readonly<Record<string, Point>>): Edit {
  return { ...move(document, places), label: "layout" };
}

export function rename(document: GraphDocument, nodeId: string, name: string): Edit {
  return updateNode(document, nodeId, (node) => ({ ...node, name }), "rename", `rename:${nodeId}`);
}

export function setPatch(document: GraphDocument, nodeId: string, patch: string | null): Edit {
  const text = patch === null || patch.trim() === "" ? null : patch;
  return updateNode(document, nodeId, (node) => ({ ...node, patch: text }), "edit patch", `patch:${nodeId}`);
}

/** Sets one value in a node's or an edge's parameters; `undefined` brings back the default. */
export function setParameter(document: GraphDocument, ref: RecordRef, path: Path, value: Json | undefined): Edit {
  const merge = `parameter:${ref.type}:${ref.id}:${path.join("/")}`;
  const label = `edit ${String(path[0])}`;
  if (ref.type === "node") {
    return updateNode(
      document,
      ref.id,
      (node) => ({ ...node, parameters: withValueAt(node.parameters, path, value) }),
      label,
      merge,
    );
  }
  const edge = document.edges[ref.id];
  if (!edge) return { label, diff: EMPTY_DIFF };
  const parameters = withValueAt(edge.parameters, path, value);
  if (sameJson(parameters, edge.parameters)) return { label, diff: EMPTY_DIFF };
  return {
    label,
    merge,
    diff: { ...EMPTY_DIFF, edges: { ...emptyTableDiff(), updated: { [edge.id]: [edge, { ...edge, parameters }] } } },
  };
}

/**
 * Pastes a copied fragment, moved by `offset`, with new ids and free names. Edges to nodes outside the fragment are
 * kept when that node is in this document and may have another of them: a Service sends its traffic to one workload,
 * so the copy of that workload comes without it.
 */
export function paste(
  document: GraphDocument,
  catalog: Catalog,
  fragment: Fragment,
  offset: Point,
  random?: () => number,
): { readonly edit: Edit; readonly nodeIds: readonly string[] } {
  const nodes: Record<string, NodeRecord> = {};
  const edges: Record<string, EdgeRecord> = {};
  const ids = new Map<string, string>();
  const names = new Map<string, Set<string>>();
  // Frames of their own: one that is drawn already would reach over all that is between.
  const drawn = new Set(Object.values(document.nodes).map((node) => node.group));
  for (const node of fragment.nodes) {
    if (!catalog.kindById.has(node.kind)) continue;
    const taken = names.get(node.kind) ?? namesOfKind(document, node.kind);
    const name = freeName(taken, node.name);
    names.set(node.kind, taken.add(name));
    const id = newId(
      node.kind,
      (candidate) => document.nodes[candidate] !== undefined || nodes[candidate] !== undefined,
      random,
    );
    ids.set(node.id, id);
    const position = rounded({ x: node.position.x + offset.x, y: node.position.y + offset.y });
    nodes[id] = { ...node, id, name, position, ...(node.group ? { group: titleBeside(drawn, node.group) } : {}) };
  }
  for (const edge of fragment.edges) {
    const source = ids.get(edge.source) ?? (document.nodes[edge.source] ? edge.source : undefined);
    const target = ids.get(edge.target) ?? (document.nodes[edge.target] ? edge.target : undefined);
    const relation = catalog.relationById.get(edge.relation);
    if (source === undefined || target === undefined || !relation) continue;
    const inside = ids.has(edge.source) && ids.has(edge.target);
    if (!inside && isTaken({ edges: { ...document.edges, ...edges } }, relation, source, target)) continue;
    const id = newId(
      edge.relation,
      (candidate) => document.edges[candidate] !== undefined || edges[candidate] !== undefined,
      random,
    );
    edges[id] = { ...edge, id, source, target };
  }
  const count = Object.keys(nodes).length;
  return {
    edit: {
      label: count === 1 ? "paste a node" : `paste ${count} nodes`,
      diff: { nodes: { ...emptyTableDiff(), added: nodes }, edges: { ...emptyTableDiff(), added: edges } },
    },
    nodeIds: Object.keys(nodes),
  };
}

function initialParameters(parameters: readonly Parameter[]): Parameters {
  return Object.fromEntries(
    parameters.flatMap((parameter) =>
      parameter.initial === undefined || parameter.initial === null ? [] : [[parameter.name, parameter.initial]],
    ),
  );
}

function updateNode(
  document: GraphDocument,
  nodeId: string,
  change: (node: NodeRecord) => NodeRecord,
  label: string,
  merge: string,
): Edit {
  const before = document.nodes[nodeId];
  if (!before) return { label, diff: EMPTY_DIFF };
  const after = change(before);
  if (sameJson(before, after)) return { label, diff: EMPTY_DIFF };
  return { label, merge, diff: nodesUpdated({ [nodeId]: [before, after] }) };
}

function nodesUpdated(updated: Record<string, readonly [NodeRecord, NodeRecord]>): RecordsDiff {
  return { ...EMPTY_DIFF, nodes: { ...emptyTableDiff(), updated } };
}

function rounded(point: Point): Point {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}
