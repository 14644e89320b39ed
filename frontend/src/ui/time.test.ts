import { describe, expect, it } from "vitest";
import { duration, relativeTime } from "./time";

const now = Date.UTC(2026, 0, 10, 12, 0, 0);

describe("relative times", () => {
  it.each([
    [0, "just now"],
    [40, "40 s ago"],
    [60, "1 min ago"],
    [3 * 60 + 20, "3 min ago"],
    [26 * 3600, "1 d ago"],
    [-7200, "in 2 h"],
    // A new token of 90 days expires in 3 months, a new invite of 7 days in 7 days.
    [-(90 * 86_400 - 2), "in 3 mo"],
    [-(7 * 86_400 - 2), "in 7 d"],
    [-(365 * 86_400 - 2), "in 1 y"],
    [-(24 * 3600 - 2), "in 1 d"],
    [-61, "in 2 min"],
    [-59, "in 59 s"],
    [2 * 86_400 - 1, "1 d ago"],
  ])("%s seconds back reads %s", (seconds, said) => {
    expect(relativeTime(now - seconds * 1000, now)).toBe(said);
  });
});

describe("durations", () => {
  it.each([
    [0.0142, "14 ms"],
    [1.44, "1.4 s"],
    [12.4, "12 s"],
    [185, "3 min 05 s"],
    [7800, "2 h 10 min"],
    [-1, "–"],
    [Number.NaN, "–"],
  ])("%s s reads %s", (seconds, said) => {
    expect(duration(seconds)).toBe(said);
  });
});
