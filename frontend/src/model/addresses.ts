/** Where what a Service or an Ingress exposes can be reached, as far as it is known from the cluster. */
import type { NodeStatus } from "@/contract";
import type { Catalog } from "./catalog";
import { edgesOf } from "./connect";
import { isObject } from "./paths";
import type { GraphDocument, Json, NodeRecord } from "./records";

export interface Address {
  /** What it is for: "From outside", "In the cluster". */
  readonly label: string;
  /** To be copied. */
  readonly text: string;
  /** A browser can open it. */
  readonly href: string | null;
}

const HTTP_PORTS: ReadonlySet<number> = new Set([80, 8080, 8000, 3000]);
const HTTPS_PORTS: ReadonlySet<number> = new Set([443, 8443]);

/** The addresses of a node's own object; none while it is not in the cluster. */
export function addressesOf(
  node: NodeRecord,
  status: Pick<NodeStatus, "facts" | "objects" | "health"> | undefined,
  document: GraphDocument,
  catalog: Catalog,
): Address[] {
  const kind = catalog.kindById.get(node.kind)?.kind;
  const object = status?.objects.find(({ ref, health }) => ref.kind === kind && health !== "missing");
  if (!status || !object) return [];
  if (kind === "Ingress") return ofIngress(node, status.facts, document);
  if (kind === "HTTPRoute") return ofRoute(node, document);
  if (kind === "Service") return ofService(status, object.ref);
  return [];
}

function ofIngress(node: NodeRecord, facts: NodeStatus["facts"], document: GraphDocument): Address[] {
  const scheme = node.parameters.tls === true ? "https" : "http";
  const places = [
    ...edgesOf(document, node.id)
      .filter((edge) => edge.source === node.id)
      .map((edge) => edge.parameters),
    ...(Array.isArray(node.parameters.rules) ? node.parameters.rules.filter(isObject) : []),
  ].map((rule) => ({
    host: textOf(rule.host) ?? textOf(node.parameters.host) ?? textOf(facts.address),
    path: textOf(rule.path) ?? "/",
  }));
  const found = new Set<string>();
  for (const { host, path } of places) if (host && isPlain(host)) found.add(`${scheme}://${host}${path}`);
  return [...found].map((text) => ({
    label: "From outside",
    text,
    // A host with a wildcard stands for many.
    href: text.includes("*") ? null : text,
  }));
}

/** Which of its listeners speak TLS is the Gateway's, so a host is shown without a scheme. */
function ofRoute(node: NodeRecord, document: GraphDocument): Address[] {
  const hosts = Array.isArray(node.parameters.hostnames) ? node.parameters.hostnames.map(textOf) : [];
  const rules = Array.isArray(node.parameters.rules) ? node.parameters.rules.filter(isObject) : [];
  const paths = [
    ...edgesOf(document, node.id)
      .filter((edge) => edge.source === node.id && edge.relation === "forwards")
      .map((edge) => textOf(edge.parameters.path) ?? "/"),
    ...rules.map((rule) => textOf(rule.path) ?? "/"),
  ];
  const found = new Set<string>();
  for (const host of hosts) for (const path of paths) if (host && isPlain(host + path)) found.add(`${host}${path}`);
  return [...found].map((text) => ({ label: "From outside", text, href: null }));
}

function ofService(
  { facts, health }: Pick<NodeStatus, "facts" | "health">,
  ref: { readonly name: string; readonly namespace: string | null },
): Address[] {
  const ports = Array.isArray(facts.ports)
    ? facts.ports.filter((port): port is number => typeof port === "number")
    : [];
  const [first] = ports;
  const host = [ref.name, ref.namespace, "svc"].filter(Boolean).join(".");
  const inside: Address[] = (ports.length > 0 ? ports : [null]).map((port) => ({
    label: "In the cluster",
    text: port === null ? host : `${host}:${port}`,
    href: null,
  }));
  const address = textOf(facts.address);
  // Until it has an address of its own, a load balancer reports the one inside the cluster.
  const hasItsOwn = health === "healthy" || health === "present";
  if (facts.type !== "LoadBalancer" || !hasItsOwn || !address || first === undefined) return inside;
  const outside = ports.map((port) => {
    const text = `${address.includes(":") ? `[${address}]` : address}:${port}`;
    const scheme = HTTPS_PORTS.has(port) ? "https" : HTTP_PORTS.has(port) ? "http" : null;
    return { label: "From outside", text, href: scheme && `${scheme}://${text}` };
  });
  return [...outside, ...inside];
}

/** Variables are filled in per environment; with one in it, a text is not an address yet. */
function isPlain(text: string): boolean {
  return !text.includes("${");
}

function textOf(value: Json | unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
