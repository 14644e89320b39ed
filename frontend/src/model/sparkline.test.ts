import { describe, expect, it } from "vitest";
import { sparkPath } from "./sparkline";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

describe("a sparkline", () => {
  it("goes from the first to the last point, the largest at the top", () => {
    const points = [0, 1, 2].map((minute) => ({ at: at(minute), value: minute }));
    expect(sparkPath(points, 60, 100, 20)).toBe("M0 20L50 10L100 0");
  });
  it("is open where nobody measured", () => {
    const points = [0, 1, 9, 10].map((minute) => ({ at: at(minute), value: 1 }));
    expect(sparkPath(points, 60, 100, 20)).toBe("M0 0L10 0M90 0L100 0");
  });
  it("of one point is none", () => {
    expect(sparkPath([{ at: at(0), value: 1 }], 60, 100, 20)).toBe("");
  });
});
