import { describe, expect, it } from "vitest";
import { edgeForm, errorsOf, fieldError, nodeForm } from "./form";
import { aGraph, aNode, aParameter, sampleCatalog, shop } from "./testing/samples";

describe("forms", () => {
  const kind = sampleCatalog.kindById.get("deployment")!;
  const form = (parameters: Record<string, string | number>) => {
    const node = aNode("app", "deployment", { parameters });
    return nodeForm(kind, node, aGraph([node]), sampleCatalog, []);
  };
  it("shows a dependent field only where it counts, by the default too", () => {
    expect(form({})[0]?.advanced.map((field) => field.parameter.name)).toEqual(["max_surge"]);
    expect(form({ strategy: "Recreate" })[0]?.advanced).toEqual([]);
  });
  it("shows a value that an edge fills in with where it comes from", () => {
    const fields = nodeForm(sampleCatalog.kindById.get("service")!, shop.nodes.web!, shop, sampleCatalog, [])[0]
      ?.fields;
    expect(fields?.find((field) => field.parameter.name === "selector")?.links).toEqual([
      { edgeId: "web--app--routes", relationId: "routes", phrase: "routes", nodeId: "app", nodeName: "app" },
    ]);
  });
  it("puts errors at their fields, whichever way the server writes list steps", () => {
    const problem = (field: string) => ({
      code: "x",
      detail: field,
      severity: "error" as const,
      field,
      node_ids: [],
      edge_ids: [],
    });
    const errors = errorsOf("nodes", "app", [
      problem("nodes.app.parameters.ports[0].port"),
      problem("nodes.app.parameters.ports.1.port"),
      problem("nodes.other.parameters.image"),
    ]);
    expect([...errors.keys()]).toEqual(["ports.0.port", "ports.1.port"]);
  });
  it("gives a relation's parameters a form of their own", () => {
    expect(
      edgeForm(shop.edges["front--web--exposes"]!, sampleCatalog, [])[0]?.fields.map((field) => field.parameter.name),
    ).toEqual(["path"]);
  });
  it.each([
    [aParameter("n", "integer", { min: 0, max: 9 }), 12, "Between 0 and 9."],
    [aParameter("n", "integer"), 1.5, "A whole number is needed."],
    [aParameter("n", "port"), 0, "Between 1 and 65535."],
    [aParameter("n", "integer", { min: 0 }), 0, null],
    [aParameter("n", "quantity"), "12 GB", "Not a quantity. Examples: 250m, 1.5, 128Mi, 2Gi."],
    [aParameter("n", "quantity"), "${SIZE}", null],
    [aParameter("n", "string", { required: true }), "", "n is required; fill it in."],
    [
      aParameter("n", "list", { required: true, item: aParameter("item", "object", { label: "listener" }) }),
      undefined,
      "Add at least one listener.",
    ],
    [aParameter("n", "map", { required: true }), undefined, "Add at least one entry."],
    [
      aParameter("n", "string", { pattern: "[a-z]+", example: "abc" }),
      "A",
      "Not in the form that is needed. Example: abc",
    ],
  ])("judges typed values (case %#)", (parameter, value, error) => expect(fieldError(parameter, value)).toBe(error));
});
