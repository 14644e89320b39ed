import { parse, YAMLParseError } from "yaml";

export interface Kubeconfig {
  contexts: string[];
  current: string | null;
  server: string | null;
  problem: string | null;
}

/** What a kubeconfig contains, so that a wrong paste is noticed before it is sent. */
export function readKubeconfig(text: string): Kubeconfig {
  const nothing: Kubeconfig = { contexts: [], current: null, server: null, problem: null };
  if (!text.trim()) return nothing;
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const where = at ? `, at or before line ${at.line}, column ${at.col}` : "";
    return { ...nothing, problem: `This is not valid YAML${where}.` };
  }
  const config = parsed as {
    kind?: unknown;
    contexts?: unknown;
    clusters?: unknown;
    "current-context"?: unknown;
  } | null;
  if (!config || typeof config !== "object" || !Array.isArray(config.clusters))
    return { ...nothing, problem: "Not a kubeconfig: it has no clusters." };
  const contexts = (Array.isArray(config.contexts) ? config.contexts : []) as {
    name?: unknown;
    context?: { cluster?: unknown };
  }[];
  const current = typeof config["current-context"] === "string" ? config["current-context"] : null;
  const clusterName = contexts.find((each) => each.name === current)?.context?.cluster;
  const clusters = config.clusters as { name?: unknown; cluster?: { server?: unknown } }[];
  const server = (clusters.find((each) => each.name === clusterName) ?? clusters[0])?.cluster?.server;
  return {
    contexts: contexts.flatMap((each) => (typeof each.name === "string" ? [each.name] : [])),
    current,
    server: typeof server === "string" ? server : null,
    problem: null,
  };
}
