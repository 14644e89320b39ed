/**
 * Problems found while editing, before the server has answered: a part of its structural checks, by the same catalog
 * rows. The answer of the server decides.
 */
import { kindLabel, relationsBetween, type Catalog } from "./catalog";
import { nameKey, nameProblem } from "./names";
import type { EdgeRecord, GraphDocument } from "./records";
import { nodeLabel } from "./written";

export interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly severity: "error" | "warning";
  readonly field: string | null;
  readonly node_ids: readonly string[];
  readonly edge_ids: readonly string[];
}

/** A required field has no value yet. */
export function isToFill(problem: Problem): boolean {
  return problem.code === "parameter.required";
}

/** A source of which no build has succeeded yet. */
export function isNotBuilt(problem: Pick<Problem, "code">): boolean {
  return problem.code === "source.not_built";
}

export function checkGraph(document: GraphDocument, catalog: Catalog): Problem[] {
  return [
    ...duplicateNames(document, catalog),
    ...badNames(document, catalog),
    ...badEdges(document, catalog),
    ...cycles(document),
  ];
}

/** The problems of the server, and our own where the server does not report the same about the same records. */
export function mergeProblems(server: readonly Problem[], local: readonly Problem[]): Problem[] {
  const about = (problem: Problem): string =>
    [problem.code, [...problem.node_ids].sort().join(), [...problem.edge_ids].sort().join()].join("|");
  const said = new Set(server.map(about));
  const named = new Set(server.map((problem) => problem.field));
  return [
    ...server,
    ...local.filter((problem) => !said.has(about(problem)) && (problem.field === null || !named.has(problem.field))),
  ];
}

export function problemKey(problem: Problem): string {
  return [
    problem.code,
    [...problem.node_ids].sort().join(","),
    [...problem.edge_ids].sort().join(","),
    problem.field ?? "",
  ].join("|");
}

function duplicateNames(document: GraphDocument, catalog: Catalog): Problem[] {
  const owners = new Map<string, string[]>();
  for (const node of Object.values(document.nodes)) {
    const key = nameKey(catalog, node);
    if (key === null) continue;
    const ids = owners.get(key);
    if (ids) ids.push(node.id);
    else owners.set(key, [node.id]);
  }
  return [...owners.values()]
    .filter((ids) => ids.length > 1)
    .map((ids) => {
      const node = document.nodes[ids[0] as string];
      return problem(
        "graph.duplicate_name",
        `${ids.length} ${node ? nodeLabel(catalog, node) : "node"} nodes are named ${node?.name}.`,
        ids,
      );
    });
}

function badNames(document: GraphDocument, catalog: Catalog): Problem[] {
  const found: Problem[] = [];
  for (const node of Object.values(document.nodes)) {
    const why = nameProblem(node.name, catalog.kindById.get(node.kind));
    if (why !== null) found.push({ ...problem("node.name_invalid", why, [node.id]), field: `nodes.${node.id}.name` });
  }
  return found;
}

function badEdges(document: GraphDocument, catalog: Catalog): Problem[] {
  const found: Problem[] = [];
  const seen = new Map<string, string>();
  for (const edge of Object.values(document.edges)) {
    const source = document.nodes[edge.source];
    const target = document.nodes[edge.target];
    if (!source || !target) {
      found.push(problem("graph.dangling_edge", "This edge ends on a node that is not there.", [], [edge.id]));
      continue;
    }
    const twinKey = `${edge.source} ${edge.target} ${edge.relation}`;
    const twin = seen.get(twinKey);
    if (twin !== undefined) {
      found.push(
        problem("graph.duplicate_edge", `${source.name} and ${target.name} are connected twice.`, [], [twin, edge.id]),
      );
    } else seen.set(twinKey, edge.id);
    if (
      catalog.kinds.length > 0 &&
      !relationsBetween(catalog, source.kind, target.kind).some((row) => row.id === edge.relation)
    ) {
      const pair = `${kindLabel(catalog, source.kind)} to ${kindLabel(catalog, target.kind)}`;
      found.push(problem("graph.wrong_pair", `No relation leads from ${pair}.`, [source.id, target.id], [edge.id]));
    }
  }
  return found;
}

function cycles(document: GraphDocument): Problem[] {
  const incoming = new Map<string, number>(Object.keys(document.nodes).map((id) => [id, 0]));
  const outgoing = new Map<string, string[]>();
  const edges = Object.values(document.edges).filter((edge) => incoming.has(edge.source) && incoming.has(edge.target));
  for (const edge of edges) {
    incoming.set(edge.target, (incoming.get(edge.target) ?? 0) + 1);
    const list = outgoing.get(edge.source);
    if (list) list.push(edge.target);
    else outgoing.set(edge.source, [edge.target]);
  }
  const free = [...incoming].filter(([, count]) => count === 0).map(([id]) => id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    incoming.delete(id);
    for (const next of outgoing.get(id) ?? []) {
      const count = (incoming.get(next) ?? 0) - 1;
      incoming.set(next, count);
      if (count === 0) free.push(next);
    }
  }
  if (incoming.size === 0) return [];
  const ids = onTheLoop(edges, new Set(incoming.keys()));
  const names = ids.map((id) => document.nodes[id]?.name ?? id).join(", ");
  return [problem("graph.cycle", `These nodes wait for one another: ${names}.`, ids)];
}

/** Of the nodes that could not be ordered, those on a loop (the rest only come after one). */
function onTheLoop(edges: readonly EdgeRecord[], stuck: Set<string>): string[] {
  for (;;) {
    const leading = new Set(edges.filter((edge) => stuck.has(edge.target)).map((edge) => edge.source));
    const rest = new Set([...stuck].filter((id) => leading.has(id)));
    if (rest.size === stuck.size) return [...stuck];
    stuck = rest;
  }
}

function problem(code: string, detail: string, node_ids: readonly string[], edge_ids: readonly string[] = []): Problem {
  return { code, detail, severity: "error", field: null, node_ids, edge_ids };
}

/** A field of a node, or a place in it, that belongs to the patch: `patch`, `patch.metadata.name`. */
export function isPatch(field: string | null): boolean {
  return field !== null && /^(nodes\.[^.]+\.)?patch(\.|$)/.test(field);
}
