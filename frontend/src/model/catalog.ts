/** Kinds and relations as the server sends them, indexed for the canvas. Server and page check by the same rows. */
import type { components } from "@/contract/schema";
import type { Fragment } from "./clipboard";
import type { Json } from "./records";

type Schemas = components["schemas"];
/** Values of parameters are any JSON, which the document cannot name. */
type Valued =
  "default" | "initial" | "example" | "options" | "item" | "fields" | "visible_if" | "linked_by" | "required";

export interface Option {
  readonly value: Json;
  readonly label: string;
}

export interface Parameter extends Readonly<Omit<Schemas["Parameter"], Valued>> {
  readonly required?: boolean;
  readonly default?: Json;
  /** What the page puts into a new node; unlike a default it is then part of the document. */
  readonly initial?: Json;
  readonly example?: Json;
  readonly options?: readonly Option[];
  readonly item?: Parameter;
  readonly fields?: readonly Parameter[];
  readonly visible_if?: Readonly<Record<string, Json>>;
  readonly linked_by?: readonly string[];
}

export interface Kind extends Readonly<
  Omit<Schemas["Kind"], "sections" | "parameters" | "card" | "traits" | "tags" | "name_rule" | "api_paths">
> {
  readonly sections: readonly Schemas["Section"][];
  readonly parameters: readonly Parameter[];
  readonly card: { readonly line: readonly string[] };
  readonly name_rule?: Schemas["NameRule"];
  /** Where a parameter ends up in the object, by its dotted path: `replicas` is `spec.replicas`. */
  readonly api_paths?: Readonly<Record<string, string>>;
}

export interface Relation extends Readonly<
  Omit<Schemas["Relation"], "source_kinds" | "target_kinds" | "one_per" | "parameters" | "handle" | "order">
> {
  readonly source_kinds: readonly string[];
  readonly target_kinds: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Ends (`source`, `target`) that may have only one edge of this relation. */
  readonly one_per?: readonly string[];
}

/** Nodes that are added together. `<<node id>>` in a text stands for the name that the node gets. */
export interface Recipe extends Fragment, Readonly<Omit<Schemas["Recipe"], "nodes" | "edges">> {}

export interface CatalogData {
  readonly kinds: readonly Kind[];
  readonly relations: readonly Relation[];
  readonly groups: readonly Schemas["Section"][];
  readonly recipes: readonly Recipe[];
}

export interface Catalog extends CatalogData {
  readonly kindById: ReadonlyMap<string, Kind>;
  readonly relationById: ReadonlyMap<string, Relation>;
  /** Relations that may be drawn from one kind to another; a pair without a row is not in it. */
  readonly relationsOfPair: ReadonlyMap<string, readonly Relation[]>;
  /**
   * Relations that any node that becomes an object may have with any other: they order, and refer to nothing. Never
   * drawn without being asked for.
   */
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
    universal: new Set(
      data.relations.filter((relation) => isUniversal(relation, data.kinds)).map((relation) => relation.id),
    ),
  };
}

export function relationsBetween(catalog: Catalog, sourceKind: string, targetKind: string): readonly Relation[] {
  return catalog.relationsOfPair.get(pairKey(sourceKind, targetKind)) ?? [];
}

/** A kind that this server does not know is still shown, under its own id. */
export function kindLabel(catalog: Catalog, kindId: string): string {
  return catalog.kindById.get(kindId)?.label ?? kindId;
}

/** The kind of the catalog that makes objects like this; the Kubernetes kind in lower case where there is none. */
export function kindIdOf(catalog: Catalog, { kind }: { readonly kind: string }): string {
  return catalog.kinds.find((one) => one.kind === kind)?.id ?? kind.toLowerCase();
}

function isUniversal(relation: Relation, kinds: readonly Kind[]): boolean {
  const objects = kinds.filter((kind) => kind.renders);
  return (
    objects.length > 1 &&
    objects.every((kind) => relation.source_kinds.includes(kind.id) && relation.target_kinds.includes(kind.id))
  );
}

function pairKey(source: string, target: string): string {
  return `${source} ${target}`;
}
