/** A difference of two graphs as a person reads it: which node, which field, from what to what. Moves do not count. */
import type { GraphDocument, Json } from "./records";
import { diffDocuments, sameJson } from "./records";
import { isObject } from "./paths";

export interface FieldChange {
  readonly path: string;
  readonly from: Json | undefined;
  readonly to: Json | undefined;
}

export interface RecordChange {
  readonly type: "node" | "edge";
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly change: "added" | "removed" | "modified";
  readonly fields: readonly FieldChange[];
}

export function describeDiff(from: GraphDocument, to: GraphDocument): RecordChange[] {
  const diff = diffDocuments(from, to);
  const nodeName = (id: string): string => to.nodes[id]?.name ?? from.nodes[id]?.name ?? id;
  const changes: RecordChange[] = [];
  for (const node of Object.values(diff.nodes.added))
    changes.push({ type: "node", id: node.id, title: node.name, kind: node.kind, change: "added", fields: [] });
  for (const node of Object.values(diff.nodes.removed))
    changes.push({ type: "node", id: node.id, title: node.name, kind: node.kind, change: "removed", fields: [] });
  for (const [before, after] of Object.values(diff.nodes.updated)) {
    const fields = [
      ...fieldChanges({ name: before.name, patch: before.patch }, { name: after.name, patch: after.patch }),
      ...fieldChanges(before.parameters, after.parameters),
    ];
    if (fields.length > 0)
      changes.push({ type: "node", id: after.id, title: after.name, kind: after.kind, change: "modified", fields });
  }
  for (const [change, table] of [
    ["added", diff.edges.added],
    ["removed", diff.edges.removed],
  ] as const) {
    for (const edge of Object.values(table)) {
      changes.push({
        type: "edge",
        id: edge.id,
        title: `${nodeName(edge.source)} → ${nodeName(edge.target)}`,
        kind: edge.relation,
        change,
        fields: [],
      });
    }
  }
  for (const [before, after] of Object.values(diff.edges.updated)) {
    const fields = [
      ...fieldChanges(
        { source: before.source, target: before.target, relation: before.relation },
        { source: after.source, target: after.target, relation: after.relation },
      ),
      ...fieldChanges(before.parameters, after.parameters),
    ];
    if (fields.length > 0)
      changes.push({
        type: "edge",
        id: after.id,
        title: `${nodeName(after.source)} → ${nodeName(after.target)}`,
        kind: after.relation,
        change: "modified",
        fields,
      });
  }
  return changes;
}

/** Changed values with their paths: `ports[0].port`. Lists of different length are compared item by item. */
export function fieldChanges(from: Json | undefined, to: Json | undefined, path = ""): FieldChange[] {
  if (sameJson(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key) => fieldChanges(from[key], to[key], path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(from) && Array.isArray(to)) {
    const length = Math.max(from.length, to.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      fieldChanges(from[index], to[index], `${path}[${index}]`),
    );
  }
  return [{ path, from, to }];
}
