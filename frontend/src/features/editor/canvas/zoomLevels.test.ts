import { describe, expect, it } from "vitest";
import { detailAt } from "./zoomLevels";

describe("the detail of a card", () => {
  it.each([
    [2, "full"],
    [0.7, "full"],
    [0.69, "overview"],
    [0.4, "overview"],
    [0.39, "far"],
    [0.08, "far"],
  ])("at a zoom of %s is %s", (zoom, detail) => {
    expect(detailAt(zoom)).toBe(detail);
  });
});
