/** Names of nodes: what Kubernetes accepts, and finding one that is free. */
import type { Catalog, Kind } from "./catalog";
import type { GraphDocument, NodeRecord } from "./records";
import { writtenObject } from "./written";

export const NAME_LIMIT = 63;
/** A label of a DNS name; a subdomain is several of them with dots between. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** What is wrong with a node's name, in words, or null; by the kind's own rule where it has one. */
export function nameProblem(name: string, kind?: Kind): string | null {
  const rule = kind?.name_rule;
  const limit = rule?.max_length ?? NAME_LIMIT;
  if (name === "") return "A name is needed.";
  if (name.length > limit) return `At most ${limit} characters; this has ${name.length}.`;
  const labels = rule?.expected.includes("dots") ? name.split(".") : [name];
  const wantsLetter = rule?.expected.includes("starting with a letter") && !/^[a-z]/.test(name);
  if (!wantsLetter && labels.every((label) => DNS_LABEL.test(label))) return null;
  if (rule) return `${rule.expected.charAt(0).toUpperCase()}${rule.expected.slice(1)}.`;
  return "Lower-case letters, digits and - only, starting and ending with a letter or digit.";
}

/** Letters that Unicode does not decompose. */
const SPELLED: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", þ: "th" };

/** A DNS label from free text: what a namespace may be called. "Störe 2" → "store-2"; empty where nothing is left. */
export function slug(text: string, limit = NAME_LIMIT): string {
  return text
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[ßæœøłđþ]/g, (letter) => SPELLED[letter] ?? "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, limit)
    .replace(/-+$/, "");
}

/**
 * Two nodes may share a name when they are objects of different API kinds or namespaces, as in the cluster; of which
 * version makes no difference. Null where the kind cannot be seen: the server reads the YAML.
 */
export function nameKey(catalog: Catalog, node: NodeRecord): string | null {
  const kind = catalog.kindById.get(node.kind);
  if (!kind) return `${node.kind} ${node.name}`;
  const object = kind.kind === "" ? writtenObject(catalog, node) : { apiVersion: kind.api_version, kind: kind.kind };
  return object && [groupOf(object.apiVersion), object.kind, node.parameters.namespace ?? "", node.name].join(" ");
}

/** The API group, empty for the core group. */
function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.lastIndexOf("/")) : "";
}

/** `web`, else `web-2`, `web-3` …: the first that no node of the same kind has. `web-2` counts on from 2. */
export function freeName(taken: ReadonlySet<string>, wanted: string): string {
  if (!taken.has(wanted)) return wanted;
  const numbered = /^(.*)-(\d{1,6})$/.exec(wanted);
  const stem = numbered?.[1] ?? wanted;
  let number = numbered ? Number(numbered[2]) + 1 : 2;
  for (;;) {
    const suffix = `-${number}`;
    const name = stem.slice(0, NAME_LIMIT - suffix.length).replace(/-+$/, "") + suffix;
    if (!taken.has(name)) return name;
    number += 1;
  }
}

/** A namespace of a cluster in which nothing of `others` runs: an object belongs to one environment. */
export function freeNamespace(
  wanted: string,
  cluster: string,
  others: readonly { readonly cluster: { readonly id: string }; readonly namespace: string }[],
): string {
  const there = others.filter((one) => one.cluster.id === cluster);
  return wanted && freeName(new Set(there.map(({ namespace }) => namespace)), wanted);
}

export function namesOfKind(document: GraphDocument, kindId: string): Set<string> {
  const names = new Set<string>();
  for (const node of Object.values(document.nodes)) if (node.kind === kindId) names.add(node.name);
  return names;
}

/** An id in the server's alphabet: the kind for the reader, eight random characters for uniqueness. */
export function newId(stem: string, taken: (id: string) => boolean, random: () => number = Math.random): string {
  const head = slug(stem, 24) || "n";
  for (;;) {
    let tail = "";
    for (let i = 0; i < 8; i += 1) tail += ALPHABET[Math.floor(random() * ALPHABET.length)];
    const id = `${head}-${tail}`;
    if (!taken(id)) return id;
  }
}

const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
