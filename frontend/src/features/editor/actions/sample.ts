/** A small application to start from, without the parts that the catalog does not have. */
import { relationsBetween, type Catalog } from "@/model/catalog";
import { makeEdge, makeNode } from "@/model/edits";
import type { Edit } from "@/model/history";
import {
  EMPTY_DIFF,
  emptyTableDiff,
  type EdgeRecord,
  type GraphDocument,
  type NodeRecord,
  type Parameters,
} from "@/model/records";

interface Piece {
  readonly kind: string;
  readonly name: string;
  readonly column: number;
  readonly row: number;
  readonly parameters: Parameters;
}

const PIECES: readonly Piece[] = [
  { kind: "ingress", name: "shop", column: 0, row: 0, parameters: { host: "shop.local" } },
  { kind: "service", name: "web", column: 1, row: 0, parameters: {} },
  { kind: "configmap", name: "settings", column: 1, row: 1, parameters: { data: { GREETING: "hello" } } },
  { kind: "deployment", name: "web", column: 2, row: 0, parameters: { image: "nginx:1.27", replicas: 2 } },
];
const LINES: readonly (readonly [from: number, to: number])[] = [
  [0, 1],
  [1, 3],
  [2, 3],
];

export function sampleEdit(document: GraphDocument, catalog: Catalog): Edit {
  const nodes: Record<string, NodeRecord> = {};
  const edges: Record<string, EdgeRecord> = {};
  const drawn = PIECES.map((piece) => {
    const kind = catalog.kindById.get(piece.kind);
    if (!kind) return null;
    const known = new Set(kind.parameters.map((parameter) => parameter.name));
    const parameters = Object.fromEntries(Object.entries(piece.parameters).filter(([name]) => known.has(name)));
    const node = {
      ...makeNode(document, kind, { x: piece.column * 280, y: piece.row * 120 }),
      name: piece.name,
      parameters,
    };
    nodes[node.id] = node;
    return node;
  });
  for (const [from, to] of LINES) {
    const [source, target] = [drawn[from], drawn[to]];
    if (!source || !target) continue;
    const [relation] = relationsBetween(catalog, source.kind, target.kind);
    if (!relation) continue;
    const edge = makeEdge(document, relation, source.id, target.id);
    edges[edge.id] = edge;
  }
  return {
    label: "draw the sample",
    diff: { ...EMPTY_DIFF, nodes: { ...emptyTableDiff(), added: nodes }, edges: { ...emptyTableDiff(), added: edges } },
  };
}
