import { describe, expect, it } from "vitest";
import type { NodeStatus } from "@/contract";
import { addressesOf } from "./addresses";
import { indexCatalog, type Kind } from "./catalog";
import type { EdgeRecord, NodeRecord, Parameters } from "./records";

const kindOf = (id: string, kind: string): Kind => ({ id, kind, parameters: [], sections: [] }) as unknown as Kind;
const catalog = indexCatalog({
  recipes: [],
  kinds: [
    kindOf("httproute", "HTTPRoute"),
    kindOf("ingress", "Ingress"),
    kindOf("service", "Service"),
    kindOf("deployment", "Deployment"),
  ],
  relations: [],
  groups: [],
});
const node = (kind: string, parameters: Parameters = {}): NodeRecord =>
  ({ id: "n", kind, name: "web", position: { x: 0, y: 0 }, parameters, patch: null }) as const;
const status = (kind: string, facts: Record<string, unknown>, health: NodeStatus["health"] = "healthy") =>
  ({
    health,
    facts,
    objects: [{ ref: { api_version: "v1", kind, namespace: "shop", name: "web" }, health, uid: "1" }],
  }) as unknown as NodeStatus;
const route = (id: string, parameters: Parameters): EdgeRecord => ({
  id,
  source: "n",
  target: "svc",
  relation: "routes",
  parameters,
});
const find = (of: NodeRecord, live: NodeStatus | undefined, edges: EdgeRecord[] = []) =>
  addressesOf(of, live, { nodes: { n: of }, edges: Object.fromEntries(edges.map((edge) => [edge.id, edge])) }, catalog);

describe("the addresses of a node", () => {
  it("are those of the routes of an Ingress, each once, with its own host where it has one", () => {
    const edges = [
      route("a", {}),
      route("b", { path: "/api" }),
      route("c", { host: "api.example.com" }),
      route("d", {}),
    ];
    expect(
      find(node("ingress", { host: "shop.example.com" }), status("Ingress", {}), edges).map(({ href }) => href),
    ).toEqual(["http://shop.example.com/", "http://shop.example.com/api", "http://api.example.com/"]);
  });

  it("begin with https where the Ingress serves TLS", () => {
    const [address] = find(node("ingress", { host: "shop.example.com", tls: true }), status("Ingress", {}), [
      route("a", {}),
    ]);
    expect(address?.text).toBe("https://shop.example.com/");
  });

  it("are the hosts and paths of an HTTPRoute, whose Gateway decides about TLS", () => {
    const edges = [{ ...route("a", { path: "/api" }), relation: "forwards" }];
    const parameters = { hostnames: ["shop.example.com", "${HOST}"], rules: [{ path: "/" }] };
    expect(find(node("httproute", parameters), status("HTTPRoute", {}), edges)).toEqual(
      ["shop.example.com/api", "shop.example.com/"].map((text) => ({ label: "From outside", text, href: null })),
    );
  });

  it("are that of the controller where an Ingress has no host", () => {
    expect(find(node("ingress"), status("Ingress", { address: "10.0.0.9" }), [route("a", {})])).toEqual([
      { label: "From outside", text: "http://10.0.0.9/", href: "http://10.0.0.9/" },
    ]);
    expect(find(node("ingress"), status("Ingress", {}), [route("a", {})])).toEqual([]);
  });

  it("cannot be opened where the host stands for many, and are none while it has a variable", () => {
    expect(
      find(node("ingress", { host: "*.example.com" }), status("Ingress", {}), [route("a", {})])[0]?.href,
    ).toBeNull();
    expect(find(node("ingress", { host: "${HOST}" }), status("Ingress", {}), [route("a", {})])).toEqual([]);
  });

  it("are the DNS name of a Service with each of its ports", () => {
    expect(
      find(node("service"), status("Service", { type: "ClusterIP", address: "10.1.2.3", ports: [80, 9090] })),
    ).toEqual([
      { label: "In the cluster", text: "web.shop.svc:80", href: null },
      { label: "In the cluster", text: "web.shop.svc:9090", href: null },
    ]);
  });

  it("are those of a load balancer too, once it has one", () => {
    const facts = { type: "LoadBalancer", address: "203.0.113.7", ports: [443] };
    expect(find(node("service"), status("Service", facts))[0]).toEqual({
      label: "From outside",
      text: "203.0.113.7:443",
      href: "https://203.0.113.7:443",
    });
    // Its endpoints may not be seen; its address is.
    expect(find(node("service"), status("Service", facts, "present"))).toHaveLength(2);
    expect(find(node("service"), status("Service", facts, "progressing")).map(({ label }) => label)).toEqual([
      "In the cluster",
    ]);
  });

  it("are none before it is in the cluster, or for other kinds", () => {
    expect(find(node("service"), undefined)).toEqual([]);
    expect(find(node("service"), status("Service", {}, "missing"))).toEqual([]);
    expect(find(node("deployment"), status("Deployment", {}))).toEqual([]);
  });
});
