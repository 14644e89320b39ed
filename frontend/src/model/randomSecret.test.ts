import { expect, it } from "vitest";
import { randomSecret } from "./randomSecret";

it("a generated value is 32 letters and digits, and another one each time", () => {
  const made = Array.from({ length: 200 }, randomSecret);
  expect(made.every((value) => /^[A-Za-z0-9]{32}$/.test(value))).toBe(true);
  expect(new Set(made).size).toBe(made.length);
  // All of 62 signs are met in 6,400 of them.
  expect(new Set(made.join("")).size).toBe(62);
});
