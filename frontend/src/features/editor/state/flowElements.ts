/** Nodes and edges of the document as the cards and lines that xyflow draws. */
import { Position, type Edge, type Node } from "@xyflow/react";
import { CARD } from "@/model/place";
import type { EdgeRecord, NodeRecord } from "@/model/records";

export type FlowNode = Node<Record<string, never>, "resource">;
export type FlowEdge = Edge<Record<string, never>, "relation">;
/** The name of a card for screen readers. */
export type LabelOf = (node: NodeRecord) => string;

/** Handles are given, not measured, so that edges of cards outside the window need no DOM. */
const HANDLES = [
  {
    type: "source" as const,
    position: Position.Right,
    x: CARD.width - 1,
    y: CARD.height / 2 - 1,
    width: 2,
    height: 2,
    id: "out",
  },
  { type: "target" as const, position: Position.Left, x: -1, y: CARD.height / 2 - 1, width: 2, height: 2, id: "in" },
];
const NO_DATA: Record<string, never> = {};

/** The cards of these nodes; a card that did not change is the same object as before. */
export function syncNodes(
  before: readonly FlowNode[],
  records: Readonly<Record<string, NodeRecord>>,
  labelOf: LabelOf,
): FlowNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  return Object.values(records).map((record) => {
    const node = known.get(record.id);
    if (!node) {
      return {
        id: record.id,
        type: "resource",
        position: record.position,
        data: NO_DATA,
        width: CARD.width,
        height: CARD.height,
        // Given, not measured, so that fitting everything counts the cards outside the window.
        measured: { width: CARD.width, height: CARD.height },
        handles: HANDLES,
        ariaLabel: labelOf(record),
      };
    }
    const still = node.position.x === record.position.x && node.position.y === record.position.y;
    if (still && node.ariaLabel === labelOf(record)) return node;
    return { ...node, ariaLabel: labelOf(record), position: still ? node.position : record.position };
  });
}

/** The lines of these edges; a line that did not change is the same object as before. */
export function syncEdges(before: readonly FlowEdge[], records: Readonly<Record<string, EdgeRecord>>): FlowEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  return Object.values(records).map((record) => {
    const edge = known.get(record.id);
    if (edge && edge.source === record.source && edge.target === record.target) return edge;
    return {
      id: record.id,
      type: "relation",
      source: record.source,
      target: record.target,
      sourceHandle: "out",
      targetHandle: "in",
      data: NO_DATA,
    };
  });
}
