import { describe, expect, it } from "vitest";
import { yamlMarks } from "./yamlMarks";

describe("marks in YAML", () => {
  it("show where the text is not YAML, and why", () => {
    const [mark] = yamlMarks("spec:\n  replicas: [1\n");
    expect(mark).toMatchObject({ severity: "error", message: expect.stringContaining("sequence") });
    expect(mark?.line).toBeGreaterThanOrEqual(2);
  });
  it("are none in YAML, nor in an empty text", () => {
    expect(yamlMarks("spec: {replicas: 2}")).toEqual([]);
    expect(yamlMarks("  \n")).toEqual([]);
  });
});
