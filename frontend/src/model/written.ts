/** What a node draws where its kind does not say: an object that is given as YAML. */
import { kindLabel, type Catalog } from "./catalog";
import { isObject } from "./paths";
import type { Json, NodeRecord } from "./records";

export interface WrittenObject {
  readonly apiVersion: string;
  readonly kind: string;
}

const LINES = {
  apiVersion: /^["']?apiVersion["']?[ \t]*:[ \t]*["']?([A-Za-z0-9./-]+)["']?[ \t]*(?:#.*)?$/m,
  kind: /^["']?kind["']?[ \t]*:[ \t]*["']?([A-Za-z0-9]+)["']?[ \t]*(?:#.*)?$/m,
};
const known = new WeakMap<NodeRecord, WrittenObject | null>();

/** The API version and kind in a node's YAML, which may be an object or JSON as well; null where they cannot be seen. */
export function writtenObject(catalog: Catalog, node: NodeRecord): WrittenObject | null {
  const before = known.get(node);
  if (before !== undefined) return before;
  const kind = catalog.kindById.get(node.kind);
  const field = kind?.kind === "" ? kind.parameters.find(({ type }) => type === "yaml") : undefined;
  const found = field ? readWritten(node.parameters[field.name]) : null;
  known.set(node, found);
  return found;
}

/** What people call the object of a node: its kind, also where that stands in YAML alone. */
export function nodeLabel(catalog: Catalog, node: NodeRecord): string {
  return writtenObject(catalog, node)?.kind ?? kindLabel(catalog, node.kind);
}

function readWritten(value: Json | undefined): WrittenObject | null {
  const given = typeof value === "string" && value.trimStart().startsWith("{") ? parsed(value) : value;
  if (typeof given === "string") {
    const [, apiVersion] = LINES.apiVersion.exec(given) ?? [];
    const [, kind] = LINES.kind.exec(given) ?? [];
    return apiVersion && kind ? { apiVersion, kind } : null;
  }
  if (!isObject(given)) return null;
  const { apiVersion, kind } = given;
  return typeof apiVersion === "string" && typeof kind === "string" && apiVersion && kind ? { apiVersion, kind } : null;
}

/** JSON, or the text itself where it is not quite that. */
function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
