import { describe, expect, it } from "vitest";
import { inShort, sayDrift, whoHas } from "./driftWords";

describe("drift in words", () => {
  it("counts the fields that others changed, and names a contested field before them", () => {
    expect(sayDrift({ count: 1, contested: false, missing: 0, at: null })).toBe("1 field changed by others");
    expect(sayDrift({ count: 3, contested: false, missing: 0, at: null })).toBe("3 fields changed by others");
    expect(sayDrift({ count: 1, contested: true, missing: 0, at: null })).toBe("two managers overwrite each other");
    expect(sayDrift({ count: 0, contested: false, missing: 1, at: null })).toBe("1 object deleted by others");
  });

  it("names who has a field as people call them, else as the API server does, else nobody", () => {
    expect(whoHas({ manager: "kubectl-edit", known: { sort: "kubectl", name: "kubectl edit" } })).toBe("kubectl edit");
    expect(whoHas({ manager: "my-operator", known: null })).toBe("my-operator");
    expect(whoHas({ manager: "", known: null })).toBeNull();
  });
});

it.each([
  ["data.a", "data.a"],
  ["spec.template.spec.containers[name=web].image", "…containers[name=web].image"],
  ["metadata.annotations[example.com/a.b]", "metadata.annotations[example.com/a.b]"],
  ["spec.template.metadata.labels[a]", "…metadata.labels[a]"],
  ["", ""],
])("the path %s is shown as %s where there is no room for it", (path, shown) => {
  expect(inShort(path)).toBe(shown);
});
