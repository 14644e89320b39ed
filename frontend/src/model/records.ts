/** The drawn graph as two tables of immutable records, and the differences between two such graphs. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Parameters = Record<string, Json>;

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface NodeRecord {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly position: Point;
  readonly parameters: Parameters;
  readonly patch: string | null;
  /** The title of the frame in which it stands on the canvas. */
  readonly group?: string | undefined;
}

export interface EdgeRecord {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly relation: string;
  readonly parameters: Parameters;
}

export interface GraphDocument {
  readonly nodes: Readonly<Record<string, NodeRecord>>;
  readonly edges: Readonly<Record<string, EdgeRecord>>;
}

/** The shape the API reads and writes. */
export interface GraphLists {
  readonly nodes: readonly NodeRecord[];
  readonly edges: readonly EdgeRecord[];
}

export interface TableDiff<R> {
  readonly added: Readonly<Record<string, R>>;
  readonly updated: Readonly<Record<string, readonly [from: R, to: R]>>;
  readonly removed: Readonly<Record<string, R>>;
}

export interface RecordsDiff {
  readonly nodes: TableDiff<NodeRecord>;
  readonly edges: TableDiff<EdgeRecord>;
}

export const EMPTY_DOCUMENT: GraphDocument = { nodes: {}, edges: {} };

export function documentFromLists(lists: GraphLists): GraphDocument {
  return { nodes: byId(lists.nodes), edges: byId(lists.edges) };
}

export function listsFromDocument(document: GraphDocument): GraphLists {
  return { nodes: Object.values(document.nodes), edges: Object.values(document.edges) };
}

export function emptyTableDiff<R>(): TableDiff<R> {
  return { added: {}, updated: {}, removed: {} };
}

export const EMPTY_DIFF: RecordsDiff = { nodes: emptyTableDiff(), edges: emptyTableDiff() };

export function isEmptyDiff(diff: RecordsDiff): boolean {
  return isEmptyTable(diff.nodes) && isEmptyTable(diff.edges);
}

/** What has to be applied to `from` to get `to`. Records that are equal in content count as unchanged. */
export function diffDocuments(from: GraphDocument, to: GraphDocument): RecordsDiff {
  return { nodes: diffTables(from.nodes, to.nodes), edges: diffTables(from.edges, to.edges) };
}

/** The difference that undoes `diff`. */
export function invertDiff(diff: RecordsDiff): RecordsDiff {
  return { nodes: invertTable(diff.nodes), edges: invertTable(diff.edges) };
}

/** One difference with the effect of `first` and then `second`. */
export function composeDiffs(first: RecordsDiff, second: RecordsDiff): RecordsDiff {
  return { nodes: composeTables(first.nodes, second.nodes), edges: composeTables(first.edges, second.edges) };
}

/** The document after `diff`; tables and records that it does not touch keep their identity. */
export function applyDiff(document: GraphDocument, diff: RecordsDiff): GraphDocument {
  const nodes = applyTable(document.nodes, diff.nodes);
  const edges = applyTable(document.edges, diff.edges);
  return nodes === document.nodes && edges === document.edges ? document : { nodes, edges };
}

/** Deep equality of JSON values; the order of object keys does not matter, `undefined` is the same as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => sameJson(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!sameJson(left[key], right[key])) return false;
  }
  return true;
}

function byId<R extends { readonly id: string }>(records: readonly R[]): Record<string, R> {
  const table: Record<string, R> = {};
  for (const record of records) table[record.id] = record;
  return table;
}

function isEmptyTable<R>(table: TableDiff<R>): boolean {
  return isBare(table.added) && isBare(table.updated) && isBare(table.removed);
}

function isBare(object: object): boolean {
  for (const key in object) if (Object.hasOwn(object, key)) return false;
  return true;
}

function diffTables<R>(from: Readonly<Record<string, R>>, to: Readonly<Record<string, R>>): TableDiff<R> {
  if (from === to) return emptyTableDiff();
  const added: Record<string, R> = {};
  const updated: Record<string, readonly [R, R]> = {};
  const removed: Record<string, R> = {};
  for (const [id, after] of Object.entries(to)) {
    const before = from[id];
    if (before === undefined) added[id] = after;
    else if (!sameJson(before, after)) updated[id] = [before, after];
  }
  for (const [id, before] of Object.entries(from)) if (to[id] === undefined) removed[id] = before;
  return { added, updated, removed };
}

function invertTable<R>(table: TableDiff<R>): TableDiff<R> {
  const updated: Record<string, readonly [R, R]> = {};
  for (const [id, [from, to]] of Object.entries(table.updated)) updated[id] = [to, from];
  return { added: table.removed, updated, removed: table.added };
}

function applyTable<R>(table: Readonly<Record<string, R>>, diff: TableDiff<R>): Readonly<Record<string, R>> {
  if (isEmptyTable(diff)) return table;
  const next: Record<string, R> = { ...table };
  for (const id of Object.keys(diff.removed)) delete next[id];
  for (const [id, [, to]] of Object.entries(diff.updated)) next[id] = to;
  for (const [id, record] of Object.entries(diff.added)) next[id] = record;
  return next;
}

function composeTables<R>(first: TableDiff<R>, second: TableDiff<R>): TableDiff<R> {
  const before = new Map<string, R | undefined>();
  const after = new Map<string, R | undefined>();
  for (const table of [first, second]) {
    const see = (id: string, from: R | undefined, to: R | undefined): void => {
      if (!before.has(id)) before.set(id, from);
      after.set(id, to);
    };
    for (const [id, record] of Object.entries(table.removed)) see(id, record, undefined);
    for (const [id, [from, to]] of Object.entries(table.updated)) see(id, from, to);
    for (const [id, record] of Object.entries(table.added)) see(id, undefined, record);
  }
  const added: Record<string, R> = {};
  const updated: Record<string, readonly [R, R]> = {};
  const removed: Record<string, R> = {};
  for (const [id, to] of after) {
    const from = before.get(id);
    if (from === undefined && to !== undefined) added[id] = to;
    else if (from !== undefined && to === undefined) removed[id] = from;
    else if (from !== undefined && to !== undefined && !sameJson(from, to)) updated[id] = [from, to];
  }
  return { added, updated, removed };
}
