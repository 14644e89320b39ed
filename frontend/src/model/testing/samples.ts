/** A small catalog and random graphs for the tests of the model. */
import { indexCatalog, type Catalog, type Kind, type Parameter, type Recipe, type Relation } from "../catalog";
import { documentFromLists, type GraphDocument, type Json, type NodeRecord } from "../records";

/** A seeded source of randomness, so that a failing case can be run again. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function aParameter(name: string, type: Parameter["type"], more: Partial<Parameter> = {}): Parameter {
  return { name, type, label: name, section: "basic", ...more };
}

export function aKind(id: string, kind: string, parameters: Parameter[] = []): Kind {
  return {
    id,
    label: kind,
    group: "workloads",
    icon: id,
    description: `A ${kind}`,
    api_version: "v1",
    kind,
    namespaced: true,
    renders: true,
    sections: [{ id: "basic", label: "Basic" }],
    parameters,
    card: { line: parameters.slice(0, 2).map((parameter) => parameter.name) },
    name_prefix: id,
  };
}

export function aRelation(
  id: string,
  source_kinds: string[],
  target_kinds: string[],
  parameters: Parameter[] = [],
): Relation {
  return { id, label: id, source_kinds, target_kinds, parameters, effect: `${id}.`, phrase: id };
}

/** A Deployment behind its Service, which it names in a text. */
export const aRecipe: Recipe = {
  id: "web-app",
  label: "Web app",
  description: "A web app.",
  nodes: [
    aNode("service", "service", { name: "web" }),
    aNode("web", "deployment", {
      position: { x: 280, y: 0 },
      parameters: { image: "nginx:1.27", env: { SELF: "http://<<service>>.local" }, args: ["<<web>>", 1] },
    }),
  ],
  edges: [{ id: "edge-1", source: "service", target: "web", relation: "routes", parameters: {} }],
};

export const sampleCatalog: Catalog = indexCatalog({
  groups: [{ id: "workloads", label: "Workloads" }],
  kinds: [
    aKind("deployment", "Deployment", [
      aParameter("image", "string", { required: true }),
      aParameter("replicas", "integer", { default: 1, min: 0, max: 100 }),
      aParameter("strategy", "enum", {
        default: "RollingUpdate",
        options: [
          { value: "RollingUpdate", label: "Rolling" },
          { value: "Recreate", label: "Recreate" },
        ],
      }),
      aParameter("max_surge", "string", { visible_if: { strategy: "RollingUpdate" }, advanced: true }),
      aParameter("ports", "list", {
        item: aParameter("", "object", {
          fields: [aParameter("name", "string"), aParameter("port", "port", { required: true })],
        }),
      }),
    ]),
    aKind("service", "Service", [
      aParameter("ports", "list", {
        item: aParameter("", "object", {
          fields: [aParameter("port", "port"), aParameter("target_port", "port", { linked_by: ["routes"] })],
        }),
      }),
      aParameter("selector", "map", { linked_by: ["routes"] }),
    ]),
    aKind("ingress", "Ingress", [aParameter("host", "string")]),
    aKind("configmap", "ConfigMap", [aParameter("data", "map")]),
  ],
  relations: [
    aRelation("routes", ["service"], ["deployment"]),
    aRelation("exposes", ["ingress"], ["service"], [aParameter("path", "string", { default: "/" })]),
    aRelation("mounts", ["configmap"], ["deployment"]),
    aRelation("env", ["configmap"], ["deployment"]),
    aRelation("waits", ["deployment"], ["deployment"]),
    aRelation(
      "after",
      ["deployment", "service", "ingress", "configmap"],
      ["deployment", "service", "ingress", "configmap"],
    ),
  ],
  recipes: [aRecipe],
});

export function aNode(id: string, kind: string, more: Partial<NodeRecord> = {}): NodeRecord {
  return { id, kind, name: id, position: { x: 0, y: 0 }, parameters: {}, patch: null, ...more };
}

export function aGraph(
  nodes: NodeRecord[],
  edges: [source: string, target: string, relation: string][] = [],
): GraphDocument {
  return documentFromLists({
    nodes,
    edges: edges.map(([source, target, relation]) => ({
      id: `${source}--${target}--${relation}`,
      source,
      target,
      relation,
      parameters: {},
    })),
  });
}

export function pick<T>(random: () => number, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

export function randomJson(random: () => number, depth = 2): Json {
  const roll = random();
  if (depth > 0 && roll < 0.2)
    return Array.from({ length: Math.floor(random() * 3) }, () => randomJson(random, depth - 1));
  if (depth > 0 && roll < 0.4) {
    return Object.fromEntries(
      Array.from({ length: Math.floor(random() * 3) }, (_, index) => [`k${index}`, randomJson(random, depth - 1)]),
    );
  }
  return pick(random, [0, false, "", "text", 3, null, true, "1"]);
}

/** An Ingress before a Service before a Deployment, and a ConfigMap that nothing uses yet. */
export const shop = aGraph(
  [aNode("front", "ingress"), aNode("web", "service"), aNode("app", "deployment"), aNode("conf", "configmap")],
  [
    ["front", "web", "exposes"],
    ["web", "app", "routes"],
  ],
);
