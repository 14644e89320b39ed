/** Groups: nodes of one title stand in one frame, which is drawn around them wherever they are. */
import type { Edit } from "./history";
import { boundsOf, CARD, type Rect } from "./place";
import { EMPTY_DIFF, emptyTableDiff, type GraphDocument, type NodeRecord, type Point } from "./records";

/** From a frame to the cards in it. An import leaves room for as much: `imports/domain/layout.py`. */
export const FRAME = { side: 20, top: 40 } as const;
/** Characters of a title. */
export const TITLE_MOST = 60;

export interface Frame extends Rect {
  readonly title: string;
  /** The nodes in it. */
  readonly ids: readonly string[];
}

type Placed = { readonly id: string; readonly position: Point };

/** The frames around cards as they stand now, the largest first: one within another is drawn over it. */
export function framesOf(cards: readonly Placed[], records: GraphDocument["nodes"]): Frame[] {
  const inside = new Map<string, Placed[]>();
  for (const card of cards) {
    const title = records[card.id]?.group;
    if (!title) continue;
    const found = inside.get(title);
    if (found) found.push(card);
    else inside.set(title, [card]);
  }
  return [...inside]
    .flatMap(([title, found]): Frame[] => {
      const bounds = boundsOf(found.map(({ position }) => position));
      return bounds ? [{ ...around(bounds), title, ids: found.map(({ id }) => id) }] : [];
    })
    .sort((a, b) => b.width * b.height - a.width * a.height || (a.title < b.title ? -1 : 1));
}

/** Points of cards such that all of the frames is seen where these cards are. */
export const cornersOf = (frames: readonly Frame[]): Point[] =>
  frames.flatMap(({ x, y, width, height }) => [
    { x, y },
    { x: x + width - CARD.width, y: y + height - CARD.height },
  ]);

/** A title as the server takes it: one line without characters that nobody sees. */
export const cleanTitle = (text: string): string =>
  text.replace(/\s+/gu, " ").replace(/\p{C}/gu, "").trim().slice(0, TITLE_MOST).trim();

/** Puts nodes into the group of this title, out of any other; "" takes them out. */
export function group(document: GraphDocument, ids: readonly string[], title: string): Edit {
  const wanted = cleanTitle(title);
  const updated: Record<string, readonly [NodeRecord, NodeRecord]> = {};
  for (const id of ids) {
    const node = document.nodes[id];
    if (node && (node.group ?? "") !== wanted) updated[id] = [node, { ...node, group: wanted || undefined }];
  }
  return {
    label: wanted ? `group ${wanted}` : "ungroup",
    merge: `group:${ids.join(" ")}`,
    diff: { ...EMPTY_DIFF, nodes: { ...emptyTableDiff(), updated } },
  };
}

/**
 * Gives the frame of these nodes another title, all others in it among them. Nodes of no frame, or of several, come into
 * one of this title; so do these where another frame has it already.
 */
export function retitle(document: GraphDocument, ids: readonly string[], title: string): Edit {
  const [before, wanted] = [commonTitle(document, ids), cleanTitle(title)];
  const nodes = Object.values(document.nodes);
  const isNew = wanted !== "" && nodes.every((node) => node.group !== wanted);
  if (!before || !isNew) return group(document, ids, wanted);
  return group(
    document,
    nodes.flatMap((node) => (node.group === before ? [node.id] : [])),
    wanted,
  );
}

/** This title, with a number where it is taken: `front`, else `front 2`. */
export function titleBeside(taken: ReadonlySet<string | undefined>, title: string): string {
  let found = title;
  for (let number = 2; taken.has(found); number += 1) {
    const end = ` ${number}`;
    found = title.slice(0, TITLE_MOST - end.length).trimEnd() + end;
  }
  return found;
}

/** The title that all of these nodes have, "" for none; null where they have several. */
export function commonTitle(document: GraphDocument, ids: readonly string[]): string | null {
  const titles = new Set(ids.map((id) => document.nodes[id]?.group ?? ""));
  return titles.size > 1 ? null : ([...titles][0] ?? "");
}

/** `Group 1`, else `Group 2` …: the first that no node has. */
export function freeTitle(document: GraphDocument): string {
  const taken = new Set(Object.values(document.nodes).map((node) => node.group));
  let number = 1;
  while (taken.has(`Group ${number}`)) number += 1;
  return `Group ${number}`;
}

const around = ({ x, y, width, height }: Rect): Rect => ({
  x: x - FRAME.side,
  y: y - FRAME.top,
  width: width + 2 * FRAME.side,
  height: height + FRAME.top + FRAME.side,
});
