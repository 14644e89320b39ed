/** Nodes and edges of the document as the cards and lines that xyflow draws. */
import { Position, type Edge, type Node } from "@xyflow/react";
import { CARD } from "@/model/place";
import { linePorts } from "@/model/ports";
import type { EdgeRecord, GraphDocument, NodeRecord } from "@/model/records";
import { isSameRoute, type Route, type RoutesOf } from "@/model/routes";

export type FlowNode = Node<Record<string, never>, "resource">;
export type FlowEdge = Edge<{ from: number; to: number; route?: Route }, "relation">;
/** The name of a line for screen readers. A card names itself, with its health. */
export type LineName = (edge: EdgeRecord, nodes: GraphDocument["nodes"]) => string;

/** The element in a card that names it. */
export function cardNameId(nodeId: string): string {
  return `card-name-${nodeId}`;
}

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
export function syncNodes(before: readonly FlowNode[], records: Readonly<Record<string, NodeRecord>>): FlowNode[] {
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
        domAttributes: { "aria-labelledby": cardNameId(record.id) },
      };
    }
    const still = node.position.x === record.position.x && node.position.y === record.position.y;
    return still ? node : { ...node, position: record.position };
  });
}

/** The lines of these edges; a line that did not change is the same object as before. */
export function syncEdges(
  before: readonly FlowEdge[],
  { nodes, edges }: GraphDocument,
  nameOf: LineName,
  routesOf: RoutesOf,
): FlowEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const ports = linePorts(edges, nodes);
  const routes = routesOf(edges, nodes, ports);
  return Object.values(edges).map((record) => {
    const edge = known.get(record.id);
    const { from = 0, to = 0 } = ports.get(record.id) ?? {};
    const route = routes.get(record.id);
    const ariaLabel = nameOf(record, nodes);
    const isSame = edge?.source === record.source && edge.target === record.target && edge.ariaLabel === ariaLabel;
    const isAlike = edge?.data?.from === from && edge.data.to === to && isSameRoute(edge.data.route, route);
    if (edge && isSame && isAlike) return edge;
    return {
      ...(edge?.selected ? { selected: true } : {}),
      id: record.id,
      type: "relation",
      source: record.source,
      target: record.target,
      sourceHandle: "out",
      targetHandle: "in",
      data: { from, to, ...(route ? { route } : {}) },
      ariaLabel,
      // Tab goes from card to card; see useTabOrder.
      domAttributes: { tabIndex: -1 },
    };
  });
}
