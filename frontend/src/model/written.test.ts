import { describe, expect, it } from "vitest";
import { checkGraph } from "./checks";
import { indexCatalog } from "./catalog";
import type { Json } from "./records";
import { aGraph, aKind, aNode, aParameter, sampleCatalog } from "./testing/samples";
import { nodeLabel, writtenObject } from "./written";

const generic = { ...aKind("manifest", "", [aParameter("manifest", "yaml")]), label: "Manifest", api_version: "" };
const catalog = indexCatalog({ ...sampleCatalog, kinds: [...sampleCatalog.kinds, generic] });
const given = (id: string, manifest: Json, name = "web") => aNode(id, "manifest", { name, parameters: { manifest } });
const ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules: []\n";

describe("an object that is given as YAML", () => {
  it.each<[Json, string]>([
    [ROLE, "Role"],
    ['kind: "Role" # of web\n"apiVersion": rbac.authorization.k8s.io/v1\n', "Role"],
    [{ apiVersion: "policy/v1", kind: "PodDisruptionBudget" }, "PodDisruptionBudget"],
    ['{\n  "apiVersion": "policy/v1",\n  "kind": "PodDisruptionBudget"\n}', "PodDisruptionBudget"],
    ["apiVersion: v1\nspec:\n  kind: Inner\n", "Manifest"],
    ["{apiVersion: v1", "Manifest"],
    ["kind: ${KIND}\napiVersion: v1\n", "Manifest"],
    ["", "Manifest"],
  ])("%j is called %s", (manifest, label) => expect(nodeLabel(catalog, given("a", manifest))).toBe(label));

  it("is told apart by its own kind, as in the cluster", () => {
    const budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n";
    const binding = ROLE.replace("Role", "RoleBinding");
    expect(checkGraph(aGraph([given("a", ROLE), given("b", binding), given("c", budget)]), catalog)).toEqual([]);
  });

  it("is one object with another of its kind and group and name, typed or in another version", () => {
    const older = ROLE.replace("/v1", "/v1beta1");
    expect(checkGraph(aGraph([given("a", ROLE), given("b", older)]), catalog)).toMatchObject([
      { code: "graph.duplicate_name", node_ids: ["a", "b"], detail: "2 Role nodes are named web." },
    ]);
    const typed = aNode("t", "service", { name: "web" });
    const written = given("w", "apiVersion: v1\nkind: Service\n");
    expect(checkGraph(aGraph([typed, written]), catalog)).toMatchObject([{ code: "graph.duplicate_name" }]);
  });

  it("is left to the server where its kind cannot be seen, or it stands in a namespace of its own", () => {
    const elsewhere = { ...given("b", ROLE), parameters: { manifest: ROLE, namespace: "other" } };
    expect(checkGraph(aGraph([given("a", ROLE), elsewhere]), catalog)).toEqual([]);
    expect(checkGraph(aGraph([given("a", ""), given("b", "")]), catalog)).toEqual([]);
    expect(writtenObject(catalog, given("a", ""))).toBeNull();
  });
});
