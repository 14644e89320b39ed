/** Where lines leave and enter their cards, so that no two of them share a point. */
import { CARD } from "./place";
import type { EdgeRecord, NodeRecord } from "./records";

/** Pixels below the middle of the card's side. */
export interface LinePorts {
  readonly from: number;
  readonly to: number;
}

const STEP = 12;
const ROOM = CARD.height - 24;

/** The ports of all lines. Lines at one side of a card are in the order of their other ends, from top to bottom. */
export function linePorts(
  edges: Readonly<Record<string, EdgeRecord>>,
  nodes: Readonly<Record<string, NodeRecord>>,
): ReadonlyMap<string, LinePorts> {
  const from = spread(Object.values(edges), (edge) => [edge.source, edge.target], nodes);
  const to = spread(Object.values(edges), (edge) => [edge.target, edge.source], nodes);
  return new Map(Object.keys(edges).map((id) => [id, { from: from.get(id) ?? 0, to: to.get(id) ?? 0 }]));
}

function spread(
  edges: readonly EdgeRecord[],
  endsOf: (edge: EdgeRecord) => [here: string, there: string],
  nodes: Readonly<Record<string, NodeRecord>>,
): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  const byCard = new Map<string, EdgeRecord[]>();
  for (const edge of edges) {
    const [here] = endsOf(edge);
    const lines = byCard.get(here);
    if (lines) lines.push(edge);
    else byCard.set(here, [edge]);
  }
  for (const lines of byCard.values()) {
    if (lines.length < 2) continue;
    const heightOf = (edge: EdgeRecord): number => nodes[endsOf(edge)[1]]?.position.y ?? 0;
    const step = Math.min(STEP, ROOM / (lines.length - 1));
    lines
      .toSorted((a, b) => heightOf(a) - heightOf(b))
      .forEach((edge, index) => offsets.set(edge.id, Math.round((index - (lines.length - 1) / 2) * step)));
  }
  return offsets;
}
