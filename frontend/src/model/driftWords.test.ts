import { describe, expect, it } from "vitest";
import { sayDrift, whoHas } from "./driftWords";

describe("drift in words", () => {
  it("counts the fields that others changed, and names a feud before them", () => {
    expect(sayDrift({ count: 1, feud: false, at: null })).toBe("1 field changed by others");
    expect(sayDrift({ count: 3, feud: false, at: null })).toBe("3 fields changed by others");
    expect(sayDrift({ count: 1, feud: true, at: null })).toBe("two managers overwrite each other");
  });

  it("names who has a field as people call them, else as the API server does, else nobody", () => {
    expect(whoHas({ manager: "kubectl-edit", known: { sort: "kubectl", name: "kubectl edit" } })).toBe("kubectl edit");
    expect(whoHas({ manager: "my-operator", known: null })).toBe("my-operator");
    expect(whoHas({ manager: "", known: null })).toBeNull();
  });
});
