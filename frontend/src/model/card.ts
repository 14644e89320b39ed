/** The line on a node's card: the parameters that matter most, and what the cluster reports. */
import type { Kind } from "./catalog";
import { effective, reachesMain, shortValue } from "./form";
import { isObject } from "./paths";
import type { EdgeRecord, GraphDocument, Json, NodeRecord } from "./records";

/** The parameters named by the catalog, joined, each with its unit: `nginx:1.27 · ×3`, `2–6 replicas`. Of `ports|port` the
 * first one that is set counts, and the last one's default. An image that a connected node gives is said by its name. The
 * number of replicas is left out where the cluster's own count says it: `desired`. */
export function cardLine(kind: Kind | undefined, node: NodeRecord, builtBy?: string, desired?: unknown): string {
  if (!kind) return "";
  const parts: string[] = [];
  for (const place of kind.card.line) {
    if (place === "image" && builtBy !== undefined) {
      parts.push(`built by ${builtBy}`);
      continue;
    }
    const names = place.split("|");
    const name = names.find((one) => brief(node.parameters[one]) !== "") ?? names[names.length - 1] ?? "";
    const parameter = kind.parameters.find((candidate) => candidate.name === name);
    const value = parameter ? effective(parameter, node.parameters[name]) : node.parameters[name];
    const text = brief(value);
    // Without the first part the rest means nothing.
    if (text === "" && parts.length === 0) return "";
    if (text === "") continue;
    if (name === "replicas") {
      if (text !== String(desired)) parts.push(`×${text}`);
    } else parts.push(parameter?.unit ? `${text} ${parameter.unit}` : name === "image" ? shortImage(text) : text);
  }
  const [low, high] = kind.card.line;
  if (parts.length === 2 && low === "min_replicas" && high === "max_replicas") return `${parts.join("–")} replicas`;
  return parts.join(" · ");
}

const givers = new WeakMap<GraphDocument["edges"], Map<string, EdgeRecord[]>>();

/** The node that gives the main container its image. The edges are looked through once for all nodes. */
export function builtBy(document: GraphDocument, kind: Kind | undefined, node: NodeRecord | undefined) {
  const relations = kind?.parameters.find(({ format }) => format === "image")?.linked_by;
  if (!relations || !node) return undefined;
  let into = givers.get(document.edges);
  if (!into) {
    into = new Map();
    for (const edge of Object.values(document.edges)) into.set(edge.target, [...(into.get(edge.target) ?? []), edge]);
    givers.set(document.edges, into);
  }
  const edge = into.get(node.id)?.find((one) => relations.includes(one.relation) && reachesMain(one, node));
  return edge && document.nodes[edge.source];
}

const IMAGE_ROOM = 20;

/** The end of a long image name matters most: `registry.example.com/team/web:1.3` reads as `…/web:1.3`. */
function shortImage(image: string): string {
  if (image.length <= IMAGE_ROOM) return image;
  const digest = image.indexOf("@");
  const named = digest < 0 ? image : image.slice(0, digest);
  const last = named.slice(named.lastIndexOf("/") + 1);
  return last === named ? named : `…/${last}`;
}

/** Lists of ports read as `80, 443`; long maps by their count. */
function brief(value: Json | undefined): string {
  if (Array.isArray(value)) {
    const items = value.map((item) =>
      isObject(item)
        ? shortValue(item.port ?? item.host ?? item.path ?? item.name ?? item.key ?? null)
        : shortValue(item),
    );
    const shown = items.filter(Boolean);
    return shown.length > 3 ? `${shown.slice(0, 3).join(", ")} +${shown.length - 3}` : shown.join(", ");
  }
  if (isObject(value)) {
    const keys = Object.keys(value);
    return keys.length === 0 ? "" : keys.length <= 2 ? keys.join(", ") : `${keys.length} keys`;
  }
  return shortValue(value);
}

/** What the cluster counts for this object: `3/3`. */
export function readyText(facts: Readonly<Record<string, unknown>>): string | null {
  const { ready, desired } = facts;
  if (typeof ready === "number" && typeof desired === "number") return `${ready}/${desired}`;
  return null;
}
