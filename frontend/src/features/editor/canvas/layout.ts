/** Tidy places for all nodes, computed beside the page so that it stays answering. */
import { CARD, snap } from "@/model/place";
import type { GraphDocument, Point } from "@/model/records";
import { layoutInWorker } from "./elkWorker";

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
    },
    children: Object.values(document.nodes).map((node) => ({ id: node.id, width: CARD.width, height: CARD.height })),
    edges: Object.values(document.edges).map((edge) => ({
      id: edge.id,
      sources: [edge.source],
      targets: [edge.target],
    })),
  });
  const places: Record<string, Point> = {};
  for (const child of laidOut.children ?? []) places[child.id] = snap({ x: child.x ?? 0, y: child.y ?? 0 });
  return places;
}
