/** Copied nodes with the edges between and around them, as text that can be pasted in other tabs and workflows. */
import type { EdgeRecord, GraphDocument, Json, NodeRecord, Parameters, Point } from "./records";
import { cleanTitle } from "./groups";
import { isObject } from "./paths";

export interface Fragment {
  readonly nodes: readonly NodeRecord[];
  readonly edges: readonly EdgeRecord[];
}

export const CLIPBOARD_FORMAT = "kubeorch/graph-fragment@1";

/** The nodes with the edges inside the selection. */
export function copyFragment(document: GraphDocument, nodeIds: Iterable<string>): Fragment {
  const ids = new Set(nodeIds);
  return {
    nodes: Object.values(document.nodes).filter((node) => ids.has(node.id)),
    edges: Object.values(document.edges).filter((edge) => ids.has(edge.source) && ids.has(edge.target)),
  };
}

/** The nodes with all their edges, so that a duplicate is connected like its original. */
export function duplicateFragment(document: GraphDocument, nodeIds: Iterable<string>): Fragment {
  const ids = new Set(nodeIds);
  return {
    nodes: Object.values(document.nodes).filter((node) => ids.has(node.id)),
    edges: Object.values(document.edges).filter((edge) => ids.has(edge.source) || ids.has(edge.target)),
  };
}

export function fragmentToText(fragment: Fragment): string {
  return JSON.stringify({ format: CLIPBOARD_FORMAT, nodes: fragment.nodes, edges: fragment.edges }, null, 2);
}

/** The fragment in a text from the clipboard, or null when it holds none. */
export function fragmentFromText(text: string): Fragment | null {
  if (!text.includes(CLIPBOARD_FORMAT)) return null;
  let data: Json;
  try {
    data = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  if (!isObject(data) || data.format !== CLIPBOARD_FORMAT) return null;
  return fragmentFromLists(data);
}

/** The nodes and edges in parsed JSON or YAML, without invalid rows; null when there is no list of nodes. */
export function fragmentFromLists(data: Json): Fragment | null {
  if (!isObject(data) || !Array.isArray(data.nodes)) return null;
  const nodes = data.nodes.map(nodeFrom).filter((node) => node !== null);
  const edges = (Array.isArray(data.edges) ? data.edges : []).map(edgeFrom).filter((edge) => edge !== null);
  return { nodes, edges };
}

/** Middle of the fragment's bounding box, for pasting at the pointer. */
export function fragmentCentre(fragment: Fragment, size: { width: number; height: number }): Point {
  const xs = fragment.nodes.map((node) => node.position.x);
  const ys = fragment.nodes.map((node) => node.position.y);
  if (xs.length === 0) return { x: 0, y: 0 };
  return {
    x: (Math.min(...xs) + Math.max(...xs) + size.width) / 2,
    y: (Math.min(...ys) + Math.max(...ys) + size.height) / 2,
  };
}

function nodeFrom(value: Json): NodeRecord | null {
  if (!isObject(value)) return null;
  const { id, kind, name, position, parameters, patch, group } = value;
  if (typeof id !== "string" || typeof kind !== "string") return null;
  const { x, y } = isObject(position ?? null) ? (position as { [key: string]: Json }) : { x: 0, y: 0 };
  return {
    id,
    kind,
    name: typeof name === "string" ? name : id,
    position: { x: typeof x === "number" ? x : 0, y: typeof y === "number" ? y : 0 },
    parameters: parametersFrom(parameters),
    patch: typeof patch === "string" ? patch : null,
    ...(typeof group === "string" && cleanTitle(group) ? { group: cleanTitle(group) } : {}),
  };
}

function edgeFrom(value: Json, index: number): EdgeRecord | null {
  if (!isObject(value)) return null;
  const { id, source, target, relation, parameters } = value;
  if (typeof source !== "string" || typeof target !== "string" || typeof relation !== "string") return null;
  return {
    id: typeof id === "string" ? id : `edge-${index}`,
    source,
    target,
    relation,
    parameters: parametersFrom(parameters),
  };
}

function parametersFrom(value: Json | undefined): Parameters {
  return isObject(value) ? value : {};
}
