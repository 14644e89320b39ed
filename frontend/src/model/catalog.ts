/** Kinds and relations as the server serves them, indexed for the canvas. Both judge by the same rows. */
import type { Json } from "./records";

export interface Option {
  readonly value: Json;
  readonly label: string;
}

export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly help?: string | null;
  readonly section?: string | null;
  readonly default?: Json;
  /** What the page puts into a new node; unlike a default it then stands in the document. */
  readonly initial?: Json;
  readonly format?: string | null;
  readonly min_items?: number | null;
  readonly max_items?: number | null;
  readonly required?: boolean;
  readonly min?: number | null;
  readonly max?: number | null;
  readonly pattern?: string | null;
  readonly max_length?: number | null;
  readonly options?: readonly Option[] | null;
  readonly unit?: string | null;
  readonly placeholder?: string | null;
  readonly item?: Parameter | null;
  readonly fields?: readonly Parameter[] | null;
  readonly visible_if?: Readonly<Record<string, Json>> | null;
  readonly advanced?: boolean;
  readonly linked_by?: readonly string[] | null;
  readonly example?: Json;
}

export interface Kind {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly icon: string;
  readonly description: string;
  readonly api_version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly sections: readonly { readonly id: string; readonly label: string }[];
  readonly parameters: readonly Parameter[];
  readonly card: { readonly line: readonly string[] };
  readonly name_prefix: string;
  readonly name_rule?: { readonly max_length: number; readonly expected: string };
}

export interface Relation {
  readonly id: string;
  readonly label: string;
  readonly source_kinds: readonly string[];
  readonly target_kinds: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly effect: string;
  readonly phrase: string;
  /** Ends (`source`, `target`) that may have only one edge of this relation. */
  readonly one_per?: readonly string[];
}

export interface CatalogData {
  readonly kinds: readonly Kind[];
  readonly relations: readonly Relation[];
  readonly groups: readonly { readonly id: string; readonly label: string }[];
}

export interface Catalog extends CatalogData {
  readonly kindById: ReadonlyMap<string, Kind>;
  readonly relationById: ReadonlyMap<string, Relation>;
  /** Relations that may be drawn from one kind to another; a pair without a row is not in it. */
  readonly relationsOfPair: ReadonlyMap<string, readonly Relation[]>;
  /** Relations that any node may have with any other: they order, and refer to nothing. Never drawn without being asked for. */
  readonly universal: ReadonlySet<string>;
}

export function indexCatalog(data: CatalogData): Catalog {
  const pairs = new Map<string, Relation[]>();
  for (const relation of data.relations) {
    for (const source of relation.source_kinds) {
      for (const target of relation.target_kinds) {
        const key = pairKey(source, target);
        const rows = pairs.get(key);
        if (rows) rows.push(relation);
        else pairs.set(key, [relation]);
      }
    }
  }
  return {
    ...data,
    kindById: new Map(data.kinds.map((kind) => [kind.id, kind])),
    relationById: new Map(data.relations.map((relation) => [relation.id, relation])),
    relationsOfPair: pairs,
    universal: new Set(data.relations.filter((relation) => isUniversal(relation, data.kinds)).map((relation) => relation.id)),
  };
}

export const EMPTY_CATALOG: Catalog = indexCatalog({ kinds: [], relations: [], groups: [] });

export function relationsBetween(catalog: Catalog, sourceKind: string, targetKind: string): readonly Relation[] {
  return catalog.relationsOfPair.get(pairKey(sourceKind, targetKind)) ?? [];
}

/** A kind that this server does not know is still shown, under its own id. */
export function kindLabel(catalog: Catalog, kindId: string): string {
  return catalog.kindById.get(kindId)?.label ?? kindId;
}

function isUniversal(relation: Relation, kinds: readonly Kind[]): boolean {
  return kinds.length > 1 && kinds.every((kind) => relation.source_kinds.includes(kind.id) && relation.target_kinds.includes(kind.id));
}

function pairKey(source: string, target: string): string {
  return `${source} ${target}`;
}
