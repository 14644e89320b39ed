import { expect, it } from "vitest";
import { sayAmount } from "./amounts";

it.each([
  ["cpu", 0.25, "250m"],
  ["cpu", 0.0002, "<1m"],
  ["cpu", 0, "0"],
  ["cpu", 4, "4"],
  ["cpu", 31.5, "31.5"],
  ["memory", 536870912, "512 MiB"],
  ["memory", 0, "0 B"],
  ["pods", 110, "110"],
])("%s of %d is %s", (resource, value, words) => {
  expect(sayAmount(resource, value)).toBe(words);
});
