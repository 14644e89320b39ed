/** Recipes as they are drawn: under names that are free, which their texts follow. */
import type { Catalog, Recipe } from "./catalog";
import type { Fragment } from "./clipboard";
import { nameKey } from "./names";
import { isObject } from "./paths";
import type { GraphDocument, Json, NodeRecord, Parameters } from "./records";

/**
 * The recipe with one number behind all of its names where one of them is taken, so that what belongs together is seen
 * to: `web`, `db` or `web-2`, `db-2`.
 */
export function recipeFragment(document: GraphDocument, catalog: Catalog, recipe: Recipe): Fragment {
  const taken = new Set(Object.values(document.nodes).map((node) => nameKey(catalog, node)));
  for (let number = 1; ; number += 1) {
    const nodes = numbered(recipe.nodes, number);
    if (!nodes.some((node) => taken.has(nameKey(catalog, node)))) return { nodes, edges: recipe.edges };
  }
}

function numbered(nodes: readonly NodeRecord[], number: number): NodeRecord[] {
  const names = new Map(nodes.map(({ id, name }) => [id, number === 1 ? name : `${name}-${number}`]));
  return nodes.map((node) => ({
    ...node,
    name: names.get(node.id) ?? node.name,
    parameters: named(node.parameters, names) as Parameters,
  }));
}

function named(value: Json, names: ReadonlyMap<string, string>): Json {
  if (typeof value === "string") return value.replace(/<<([^<>]+)>>/g, (text, id: string) => names.get(id) ?? text);
  if (Array.isArray(value)) return value.map((item) => named(item, names));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, named(item, names)]));
}
