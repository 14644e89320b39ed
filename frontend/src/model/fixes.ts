/** A fix that the server suggests, carried out on the drawing. */
import type { Catalog } from "./catalog";
import { connect, makeEdge, setParameter } from "./edits";
import type { Edit } from "./history";
import { EMPTY_DIFF, type GraphDocument, type Json } from "./records";

export interface FixChange {
  readonly type: "set" | "connect";
  readonly record: "node" | "edge";
  readonly id: string;
  readonly path: readonly (string | number)[];
  readonly value: Json;
  readonly target: string;
  readonly relation: string;
}

/** The edit that one change is; null where the drawing has moved on and has no place for it. */
export function editOf(document: GraphDocument, catalog: Catalog, change: FixChange): Edit | null {
  if (change.type === "connect") {
    const relation = catalog.relationById.get(change.relation);
    if (!relation || !document.nodes[change.id] || !document.nodes[change.target]) return null;
    return connect(makeEdge(document, relation, change.id, change.target));
  }
  const exists = change.record === "node" ? document.nodes[change.id] : document.edges[change.id];
  if (!exists) return null;
  const edit = setParameter(
    document,
    { type: change.record, id: change.id },
    change.path,
    change.value === null ? undefined : change.value,
  );
  return edit.diff === EMPTY_DIFF ? null : edit;
}
