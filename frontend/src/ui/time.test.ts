import { describe, expect, it, test } from "vitest";
import { counting, duration, howLong, relativeTime } from "./time";

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

test.each([
  [0, "since just now"],
  [0.789, "since just now"],
  [-3, "since just now"],
  [5, "for 5 s"],
  [63, "for 1 min"],
  [7199, "for 1 h"],
  [2 * 86_400, "for 2 d"],
])("what began %s seconds ago lasts %s", (seconds, said) => {
  expect(howLong(now - seconds * 1000, now)).toBe(said);
});

test.each([
  [-1, "0 s"],
  [0.789, "0 s"],
  [9.96, "9 s"],
  [63, "1 min 03 s"],
])("%s s that are still counted read %s", (seconds, said) => {
  expect(counting(seconds)).toBe(said);
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
