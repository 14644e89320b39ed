/** The graph as the map draws it: rectangles and lines in coordinates of the graph, without anything of the page. */
import type { Problem } from "@/model/checks";
import { framesOf, type Frame } from "@/model/groups";
import type { CardMark } from "@/model/markedGraph";
import type { NodeRecord, Point } from "@/model/records";
import { STATUS, type AnyStatus } from "@/product";
import type { Tone } from "@/ui";
import type { NodeStatus } from "../../live";
import type { FlowEdge, FlowNode } from "../../state/flowElements";

export interface MapCard {
  readonly id: string;
  readonly at: Point;
  readonly name: string;
  readonly tone: Tone | null;
  readonly shape: (typeof STATUS)[AnyStatus]["shape"];
  readonly stale: boolean;
  readonly wrong: Problem["severity"] | null;
  readonly selected: boolean;
  /** What a plan or a comparison says of it, in place of its health. */
  readonly change: CardMark | null;
}

/** From the right side of one card to the left side of another. */
export interface MapLine {
  readonly from: Point;
  readonly to: Point;
  readonly wrong: boolean;
  /** It is selected, or leads to or from a card that is. */
  readonly lit: boolean;
}

export interface MapScene {
  readonly frames: readonly Frame[];
  readonly cards: readonly MapCard[];
  readonly lines: readonly MapLine[];
}

export interface SceneParts {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
  readonly records: Readonly<Record<string, NodeRecord>>;
  readonly marks: ReadonlyMap<string, Problem["severity"]>;
  readonly changes: ReadonlyMap<string, CardMark>;
  readonly statusOf: (nodeId: string) => NodeStatus | undefined;
  /** The card under the pointer. */
  readonly hovered: string | null;
}

export function sceneOf({ nodes, edges, records, marks, changes, statusOf, hovered }: SceneParts): MapScene {
  const places = new Map<string, Point>();
  const lit = new Set<string>(hovered === null ? [] : [hovered]);
  const cards = nodes.map((node): MapCard => {
    places.set(node.id, node.position);
    if (node.selected) lit.add(node.id);
    const status = statusOf(node.id);
    const look = status ? (STATUS[status.health] ?? STATUS.unknown) : null;
    const change = changes.get(node.id) ?? null;
    const stale = status !== undefined && status.stale_since !== null;
    return {
      id: node.id,
      at: node.position,
      name: records[node.id]?.name ?? node.id,
      // Old facts are never shown as healthy or in progress.
      tone: change
        ? change.tone
        : look && stale && (look.tone === "ok" || look.tone === "busy")
          ? "idle"
          : (look?.tone ?? null),
      shape: look?.shape ?? "dot",
      stale,
      wrong: marks.get(node.id) ?? null,
      selected: node.selected ?? false,
      change,
    };
  });
  const lines = edges.flatMap((edge): MapLine[] => {
    const [from, to] = [places.get(edge.source), places.get(edge.target)];
    if (!from || !to) return [];
    const isLit = (edge.selected ?? false) || lit.has(edge.source) || lit.has(edge.target);
    return [{ from, to, wrong: marks.get(edge.id) === "error", lit: isLit }];
  });
  return { frames: framesOf(nodes, records), cards, lines };
}
