import { describe, expect, it } from "vitest";
import { indexCatalog } from "./catalog";
import { allowedTargets, judgeConnection, kindsThatFit } from "./connect";
import { aGraph, aKind, aNode, aRelation, sampleCatalog, shop } from "./testing/samples";

describe("connecting", () => {
  it("offers every relation of the pair, in the order of the catalog", () => {
    const judged = judgeConnection(sampleCatalog, shop, "conf", "app");
    expect(judged.type === "allowed" && judged.connections.map((row) => row.relation.id)).toEqual(["mounts", "env"]);
  });
  it("turns a line round when only the other direction has a row", () => {
    const judged = judgeConnection(sampleCatalog, shop, "app", "conf");
    expect(judged).toMatchObject({
      type: "allowed",
      connections: [
        { source: "conf", target: "app" },
        { source: "conf", target: "app" },
      ],
    });
  });
  it.each([
    ["web", "app", "already connected"],
    ["front", "app", "Ingress has no relation with Deployment"],
  ])("says why no reference leads from %s to %s, and offers the mere order", (from, to, why) => {
    expect(judgeConnection(sampleCatalog, shop, from, to)).toMatchObject({
      type: "order",
      why,
      connections: [{ relation: { id: "after" } }],
    });
  });
  it("a node is not connected with itself", () => {
    expect(judgeConnection(sampleCatalog, shop, "app", "app")).toEqual({ type: "refused", why: "same node" });
  });
  it("a relation that may stand once at its source is refused the second time", () => {
    const once = { ...sampleCatalog.relations[0]!, one_per: ["source"] };
    const catalog = indexCatalog({ ...sampleCatalog, relations: [once] });
    const graph = aGraph(
      [aNode("web", "service"), aNode("a", "deployment"), aNode("b", "deployment")],
      [["web", "a", "routes"]],
    );
    expect(judgeConnection(catalog, graph, "web", "b")).toEqual({ type: "refused", why: "web has one already" });
    expect([...allowedTargets(catalog, graph, "web")]).toEqual([]);
  });
  it("refuses to close a loop", () => {
    const chain = aGraph(
      [aNode("a", "deployment"), aNode("b", "deployment"), aNode("c", "deployment")],
      [
        ["a", "b", "waits"],
        ["b", "c", "waits"],
      ],
    );
    expect(judgeConnection(sampleCatalog, chain, "c", "a")).toEqual({ type: "refused", why: "would close a loop" });
    expect([...allowedTargets(sampleCatalog, chain, "c")]).toEqual([]);
    expect([...allowedTargets(sampleCatalog, chain, "a")]).toEqual(["c"]);
  });
  it("glows exactly where a drop is allowed", () => {
    for (const from of Object.keys(shop.nodes)) {
      const allowed = allowedTargets(sampleCatalog, shop, from);
      for (const to of Object.keys(shop.nodes)) {
        expect([from, to, allowed.has(to)]).toEqual([
          from,
          to,
          judgeConnection(sampleCatalog, shop, from, to).type === "allowed",
        ]);
      }
    }
  });
});

describe("kinds that fit a node", () => {
  const catalog = indexCatalog({
    recipes: [],
    groups: [],
    kinds: [aKind("service", "Service"), aKind("deployment", "Deployment"), aKind("ingress", "Ingress")],
    relations: [
      { ...aRelation("exposes", ["service"], ["deployment"]), one_per: ["source"] },
      aRelation("routes", ["ingress"], ["service"]),
      aRelation("after", ["service", "deployment", "ingress"], ["service", "deployment", "ingress"]),
    ],
  });
  const nodes = [aNode("svc", "service"), aNode("web", "deployment")];
  const fitting = (id: string, edges: [string, string, string][]) =>
    kindsThatFit(catalog, aGraph(nodes, edges), id).map((kind) => kind.id);

  it("are those that a reference leads to or comes from; a mere order does not count", () => {
    expect(fitting("svc", [])).toEqual(["deployment", "ingress"]);
    expect(fitting("web", [])).toEqual(["service"]);
  });

  it("leave out what the node can have only once and has already", () => {
    expect(fitting("svc", [["svc", "web", "exposes"]])).toEqual(["ingress"]);
    // The other end may have many.
    expect(fitting("web", [["svc", "web", "exposes"]])).toEqual(["service"]);
  });
});
