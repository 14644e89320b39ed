/** Tidy places for all nodes, computed beside the page so that it stays answering. */
import { FRAME } from "@/model/groups";
import { CARD, snap } from "@/model/place";
import type { GraphDocument, Point } from "@/model/records";
import { layoutInWorker, type LayoutChild, type PlacedGraph } from "./elkWorker";

/**
 * Places by id: layers from left to right along the edges, in the drawn order, on the grid.
 * Without edges among them the nodes stand in rows.
 */
export async function tidyPlaces(document: GraphDocument): Promise<Record<string, Point>> {
  const laidOut = await layoutInWorker({
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.layered.spacing.nodeNodeBetweenLayers": "80",
      "elk.spacing.nodeNode": "36",
      "elk.spacing.componentComponent": "60",
      "elk.aspectRatio": "1.6",
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
      // Lines from one frame to another count as well; without frames it would lay out otherwise than before.
      ...(hasFrames(document) ? { "elk.hierarchyHandling": "INCLUDE_CHILDREN" } : {}),
    },
    children: childrenOf(document),
    edges: Object.values(document.edges).map((edge) => ({
      id: edge.id,
      sources: [edge.source],
      targets: [edge.target],
    })),
  });
  return placesIn(laidOut);
}

const hasFrames = ({ nodes }: GraphDocument): boolean => Object.values(nodes).some((node) => node.group);

const PADDING = `[top=${FRAME.top},left=${FRAME.side},bottom=${FRAME.side},right=${FRAME.side}]`;
/** Begins the id of a frame, which no node has. */
const OF_FRAME = "frame:";

/** The cards, those of a group within its frame. */
export function childrenOf({ nodes }: GraphDocument): LayoutChild[] {
  const children: LayoutChild[] = [];
  const frames = new Map<string, LayoutChild[]>();
  for (const node of Object.values(nodes)) {
    const card = { id: node.id, width: CARD.width, height: CARD.height };
    if (!node.group) {
      children.push(card);
      continue;
    }
    const inside = frames.get(node.group) ?? [];
    if (inside.length === 0)
      children.push({
        id: `${OF_FRAME}${node.group}`,
        layoutOptions: { "elk.padding": PADDING },
        children: inside,
      });
    frames.set(node.group, inside);
    inside.push(card);
  }
  return children;
}

/** Where the cards are; those of a frame count from its corner. */
export function placesIn({ children }: PlacedGraph, corner: Point = { x: 0, y: 0 }): Record<string, Point> {
  const places: Record<string, Point> = {};
  for (const child of children ?? []) {
    const at = { x: corner.x + (child.x ?? 0), y: corner.y + (child.y ?? 0) };
    if (child.children) Object.assign(places, placesIn(child, at));
    else places[child.id] = snap(at);
  }
  return places;
}
