/** Two people edited the same revision: applies my edits to theirs, and lists where both changed the same field. */
import { sameJson, type EdgeRecord, type GraphDocument, type Json, type NodeRecord } from "./records";

export interface Clash {
  readonly type: "node" | "edge";
  readonly id: string;
  /** Field in words: `name`, `position`, `parameters.image`; null when one side removed the whole record. */
  readonly field: string | null;
  readonly mine: Json | undefined;
  readonly theirs: Json | undefined;
}

export interface Merge {
  readonly document: GraphDocument;
  /** Where both changed the same field in different ways; the merged document holds mine there. */
  readonly clashes: readonly Clash[];
  /** Edges of mine that were dropped, because the other person removed one of their nodes. */
  readonly droppedEdges: readonly string[];
}

/** Field-level three-way merge. Without clashes it holds every edit of both. */
export function mergeDocuments(base: GraphDocument, mine: GraphDocument, theirs: GraphDocument): Merge {
  const clashes: Clash[] = [];
  const nodes = mergeTables("node", base.nodes, mine.nodes, theirs.nodes, clashes);
  const merged = mergeTables("edge", base.edges, mine.edges, theirs.edges, clashes);
  const edges: Record<string, EdgeRecord> = {};
  const droppedEdges: string[] = [];
  const seen = new Set<string>();
  for (const edge of Object.values(merged)) {
    const twin = `${edge.source} ${edge.target} ${edge.relation}`;
    if (nodes[edge.source] && nodes[edge.target] && !seen.has(twin)) {
      edges[edge.id] = edge;
      seen.add(twin);
    } else droppedEdges.push(edge.id);
  }
  return { document: { nodes, edges }, clashes, droppedEdges };
}

function mergeTables<R extends NodeRecord | EdgeRecord>(
  type: "node" | "edge",
  base: Readonly<Record<string, R>>,
  mine: Readonly<Record<string, R>>,
  theirs: Readonly<Record<string, R>>,
  clashes: Clash[],
): Record<string, R> {
  const result: Record<string, R> = {};
  for (const id of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    const [b, m, t]: (R | undefined)[] = [base[id], mine[id], theirs[id]];
    if (m !== undefined && t !== undefined) {
      result[id] = b === undefined ? pickMine(type, m, t, clashes) : mergeRecord(type, b, m, t, clashes);
    } else if (m !== undefined) {
      // They removed it (or never had it): mine stays if it is new or if I changed it since.
      if (b === undefined) result[id] = m;
      else if (!sameJson(b, m)) {
        result[id] = m;
        clashes.push({ type, id, field: null, mine: "changed", theirs: "removed" });
      }
    } else if (t !== undefined) {
      if (b === undefined) result[id] = t;
      else if (!sameJson(b, t)) clashes.push({ type, id, field: null, mine: "removed", theirs: "changed" });
    }
  }
  return result;
}

function pickMine<R extends NodeRecord | EdgeRecord>(type: "node" | "edge", mine: R, theirs: R, clashes: Clash[]): R {
  if (!sameJson(mine, theirs)) clashes.push({ type, id: mine.id, field: null, mine: "added", theirs: "added" });
  return mine;
}

function mergeRecord<R extends NodeRecord | EdgeRecord>(
  type: "node" | "edge",
  base: R,
  mine: R,
  theirs: R,
  clashes: Clash[],
): R {
  if (sameJson(base, theirs)) return mine;
  if (sameJson(base, mine) || sameJson(mine, theirs)) return theirs;
  const take = (field: string, b: Json | undefined, m: Json | undefined, t: Json | undefined): Json | undefined => {
    if (sameJson(b, m)) return t;
    // Where both moved or grouped a node, my place is used without asking.
    if (!sameJson(b, t) && !sameJson(m, t) && field !== "position" && field !== "group")
      clashes.push({ type, id: mine.id, field, mine: m, theirs: t });
    return m;
  };
  const fields: Record<string, Json | undefined> = {};
  const [b, m, t] = [base, mine, theirs] as unknown as Record<string, Json | undefined>[];
  for (const field of new Set([...Object.keys(theirs), ...Object.keys(mine)])) {
    if (field !== "parameters") fields[field] = take(field, b?.[field], m?.[field], t?.[field]);
  }
  const parameters: Record<string, Json> = {};
  for (const name of new Set([...Object.keys(theirs.parameters), ...Object.keys(mine.parameters)])) {
    const value = take(`parameters.${name}`, base.parameters[name], mine.parameters[name], theirs.parameters[name]);
    if (value !== undefined) parameters[name] = value;
  }
  return { ...fields, parameters } as unknown as R;
}
