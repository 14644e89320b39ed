import { describe, expect, it } from "vitest";
import { editOf, type FixChange } from "./fixes";
import { sampleCatalog, shop } from "./testing/samples";

const base: FixChange = { type: "set", record: "node", id: "app", path: [], value: null, target: "", relation: "" };

describe("a fix", () => {
  it("sets one parameter, and takes one out", () => {
    const set = editOf(shop, sampleCatalog, { ...base, path: ["image"], value: "nginx:2" });
    const [, after] = set?.diff.nodes.updated["app"] ?? [];
    expect(after?.parameters["image"]).toBe("nginx:2");
  });
  it("connects two nodes", () => {
    const edit = editOf(shop, sampleCatalog, {
      ...base,
      type: "connect",
      id: "conf",
      target: "app",
      relation: "mounts",
    });
    expect(Object.values(edit?.diff.edges.added ?? {})).toMatchObject([
      { source: "conf", target: "app", relation: "mounts" },
    ]);
  });
  it("is none where the drawing has moved on", () => {
    expect(editOf(shop, sampleCatalog, { ...base, id: "gone", path: ["image"], value: "x" })).toBeNull();
    expect(editOf(shop, sampleCatalog, { ...base, type: "connect", target: "gone", relation: "mounts" })).toBeNull();
  });
});
