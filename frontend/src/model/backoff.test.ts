import { describe, expect, it } from "vitest";
import { delayMs } from "./backoff";

describe("the delay before another try", () => {
  const policy = { firstMs: 200, mostMs: 10_000, jitter: 1 };
  it("doubles with each attempt, up to the longest", () => {
    expect([1, 2, 3].map((attempt) => delayMs(policy, attempt))).toEqual([200, 400, 800]);
    expect(delayMs(policy, 500)).toBe(10_000);
    expect(delayMs(policy, 5000)).toBe(10_000);
  });
  it("is spread by the dice, never below the step", () => {
    expect([0, 0.5, 1].map((dice) => delayMs(policy, 2, dice))).toEqual([400, 600, 800]);
    expect(delayMs({ firstMs: 1000, mostMs: 30_000 }, 1, 1)).toBe(1000);
  });
});
