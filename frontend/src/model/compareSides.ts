/** What two sides of a comparison are, and how a link names them: `v3..v5`, `live..current`, `plan:1a..plan:2b`. */
import type { PlanObject } from "@/contract";
import { describeDiff } from "./graphDiff";
import { cardIdOf, CHANGES, comparedGraph, planGraph, type CardMark, type MarkedGraph } from "./markedGraph";
import { isOnlyLive, planBands, refKey, stanceOf } from "./planWords";
import { EMPTY_DOCUMENT, sameJson, type GraphDocument, type Json } from "./records";

export type Side =
  | { readonly type: "version"; readonly number: number }
  /** The graph on the canvas. */
  | { readonly type: "current" }
  /** What the environment that is shown has in its cluster. */
  | { readonly type: "live" }
  | { readonly type: "plan"; readonly id: string };

export function sideText(side: Side): string {
  if (side.type === "version") return `v${side.number}`;
  return side.type === "plan" ? `plan:${side.id}` : side.type;
}

/** Null for what names no side. */
export function parseSide(text: string): Side | null {
  const version = /^v([1-9]\d{0,8})$/.exec(text);
  if (version) return { type: "version", number: Number(version[1]) };
  const plan = /^plan:([\w-]{1,64})$/.exec(text);
  if (plan?.[1]) return { type: "plan", id: plan[1] };
  return text === "current" || text === "live" ? { type: text } : null;
}

/** Null for what is not a pair of sides. */
export function parseSides(text: string): readonly [from: Side, to: Side] | null {
  const [from, to, more] = text.split("..").map(parseSide);
  return from && to && more === undefined ? [from, to] : null;
}

export const sidesText = (from: Side, to: Side): string => `${sideText(from)}..${sideText(to)}`;

export type Change = keyof typeof CHANGES;

export interface Difference {
  readonly key: string;
  /** The card or the line that it is about. */
  readonly cardId: string | null;
  readonly name: string;
  /** A kind of the catalog, a Kubernetes kind, or a relation. */
  readonly kind: string;
  readonly change: Change;
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  /** Fields that differ as well and are not listed. */
  readonly more: number;
  /** What differs and stays so: fields left to others, and what others added. */
  readonly stays: Pick<PlanObject, "yielded" | "added"> | null;
}

export interface Compared {
  readonly marked: MarkedGraph;
  readonly differences: readonly Difference[];
}

export function compareGraphs(from: GraphDocument, to: GraphDocument): Compared {
  const differences = describeDiff(from, to).map((one): Difference => ({
    key: `${one.type} ${one.id}`,
    cardId: one.type === "node" ? one.id : null,
    name: one.title,
    kind: one.kind,
    change: one.change,
    fields: one.fields,
    more: 0,
    stays: null,
  }));
  return { marked: comparedGraph(from, to), differences };
}

type KindOf = (ref: PlanObject["ref"]) => string;

/**
 * What the cluster has against a graph, as a plan of that graph found it. With `isLiveFirst` the differences lead from
 * the cluster to the graph, else the other way round.
 */
export function compareWithLive(
  graph: GraphDocument,
  objects: readonly PlanObject[],
  before: GraphDocument,
  kindOf: KindOf,
  isLiveFirst: boolean,
): Compared {
  const { acting, held, bookkeeping, untouched } = planBands(objects);
  const changes = [...acting, ...held].map((object): Difference => {
    const isOnlyGraph = object.effect === "create";
    const change =
      !isOnlyLive(object.effect) && !isOnlyGraph ? "modified" : isOnlyGraph === isLiveFirst ? "added" : "removed";
    const fields = object.fields
      .filter(({ band }) => band === "acts")
      .map(({ path, before: live, after }) =>
        isLiveFirst ? { path, from: live, to: after } : { path, from: after, to: live },
      );
    return differenceOf(object, change, fields, object.field_counts.acts - fields.length, true);
  });
  const left = [...bookkeeping, ...untouched]
    .filter(({ yielded, added }) => yielded.some((one) => !sameValue(one.workflow, one.live)) || added.count > 0)
    .map((object) => differenceOf(object, "left", [], 0, true));
  const differences = [...changes, ...left];
  const marked = planGraph(graph, objects, before, kindOf);
  return { marked: { ...marked, cards: marksOf(differences) }, differences };
}

/** What one plan would do that the other would not, object by object. */
export function comparePlans(
  graph: GraphDocument,
  from: readonly PlanObject[],
  to: readonly PlanObject[],
  kindOf: KindOf,
): Compared {
  const before = new Map(from.map((object) => [refKey(object.ref), object]));
  const after = new Map(to.map((object) => [refKey(object.ref), object]));
  const differences: Difference[] = [];
  for (const [key, object] of after) {
    const other = before.get(key);
    if (!other) differences.push(differenceOf(object, "added", [effectField(null, object)], 0));
    else if (!sameJson(outcomeOf(other), outcomeOf(object))) {
      const fields = [
        ...(other.effect === object.effect ? [] : [effectField(other, object)]),
        ...outcomes(other, object),
      ];
      differences.push(differenceOf(object, "modified", fields, 0));
    }
  }
  for (const [key, object] of before)
    if (!after.has(key)) differences.push(differenceOf(object, "removed", [effectField(object, null)], 0));
  const all = [...to, ...from.filter((object) => !after.has(refKey(object.ref)))];
  const marked = planGraph(graph, all, EMPTY_DOCUMENT, kindOf);
  return { marked: { ...marked, cards: marksOf(differences) }, differences };
}

const sameValue = (one: unknown, other: unknown): boolean => sameJson((one ?? null) as Json, (other ?? null) as Json);

function differenceOf(
  object: PlanObject,
  change: Change,
  fields: Difference["fields"],
  more: number,
  withStays = false,
): Difference {
  const hasStays = withStays && object.effect !== "delete" && (object.yielded.length > 0 || object.added.count > 0);
  return {
    key: refKey(object.ref),
    cardId: cardIdOf(object),
    name: object.ref.name,
    kind: object.ref.kind,
    change,
    fields,
    more,
    stays: hasStays ? { yielded: object.yielded, added: object.added } : null,
  };
}

function marksOf(differences: readonly Difference[]): ReadonlyMap<string, CardMark> {
  const marks = new Map<string, CardMark>();
  for (const { cardId, change } of differences)
    if (cardId !== null && !marks.has(cardId)) marks.set(cardId, { ...CHANGES[change], gone: change === "removed" });
  return marks;
}

const effectField = (from: PlanObject | null, to: PlanObject | null) => ({
  path: "effect",
  from: from && stanceOf(from),
  to: to && stanceOf(to),
});

/** What makes two plans say something else of an object. */
function outcomeOf({ effect, error, conflicts, fields }: PlanObject): Json {
  const acts = fields.filter(({ band }) => band === "acts").map(({ path, after }) => [path, after]);
  return { effect, error: error?.code ?? null, conflicts, acts } as unknown as Json;
}

/** What the field would be after each of the two plans. */
function outcomes(from: PlanObject, to: PlanObject): Difference["fields"] {
  const afterOf = ({ fields }: PlanObject) =>
    new Map(fields.filter(({ band }) => band === "acts").map(({ path, after }) => [path, after as Json]));
  const [left, right] = [afterOf(from), afterOf(to)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => !sameJson(left.get(path) ?? null, right.get(path) ?? null))
    .map((path) => ({ path, from: left.get(path), to: right.get(path) }));
}
