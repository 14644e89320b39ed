import { describe, expect, it } from "vitest";
import { indexCatalog } from "@/model/catalog";
import { aGraph, aKind, sampleCatalog } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { sampleEdit } from "./sample";

function sampleOf(catalog: typeof sampleCatalog) {
  const session = aSession({ catalog });
  session.document.getState().apply(sampleEdit(aGraph([]), catalog));
  return session.document.getState().document;
}

describe("the sample", () => {
  it("is a connected application without problems of its own", () => {
    const { nodes, edges } = sampleOf(sampleCatalog);
    expect(Object.values(nodes).map((node) => node.kind)).toEqual(["ingress", "service", "configmap", "deployment"]);
    expect(Object.keys(edges)).toHaveLength(3);
  });

  it("has only what the catalog of this server has", () => {
    const catalog = indexCatalog({ groups: [], kinds: [aKind("deployment", "Deployment")], relations: [] });
    const { nodes, edges } = sampleOf(catalog);
    expect(Object.values(nodes).map((node) => [node.kind, node.parameters])).toEqual([["deployment", {}]]);
    expect(edges).toEqual({});
  });
});
