import { expect, it } from "vitest";
import { firstLine } from "./OverviewTab";

it("of a value its first line is shown, and whether there is more", () => {
  expect(firstLine("debug")).toBe("debug");
  expect(firstLine("debug\n")).toBe("debug");
  expect(firstLine("a=1\nb=2\n")).toBe("a=1 …");
  expect(firstLine("x".repeat(200))).toBe(`${"x".repeat(120)} …`);
});

it("what is not a text is not shown", () => {
  expect(firstLine(undefined)).toBe("");
  expect(firstLine({ a: 1 })).toBe("");
});
