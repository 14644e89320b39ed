import { describe, expect, it } from "vitest";
import { diffLines, foldLines, pairLines, type DiffLine } from "./lineDiff";
import { pick, seeded } from "./testing/samples";

const side = (lines: readonly DiffLine[], left: "removed" | "added"): string =>
  lines
    .filter((line) => line.type === "same" || line.type === left)
    .map((line) => line.text)
    .join("\n");

describe("two texts", () => {
  it("are compared line by line", () => {
    expect(diffLines("a\nb\nc", "a\nx\nc").map(({ type, text }) => `${type} ${text}`)).toEqual([
      "same a",
      "removed b",
      "added x",
      "same c",
    ]);
  });

  it("can both be read back from the difference, whatever they are", () => {
    const random = seeded(7);
    for (let round = 0; round < 300; round += 1) {
      const text = (): string =>
        Array.from({ length: Math.floor(random() * 12) }, () => pick(random, ["a", "b", "c", ""])).join("\n");
      const [before, after] = [text(), text()];
      const lines = diffLines(before, after);
      expect([side(lines, "removed"), side(lines, "added")]).toEqual([before, after]);
    }
  });

  it("are compared in bounded time, however long they are", () => {
    const long = (word: string): string => Array.from({ length: 20_000 }, (_, index) => `${word}${index}`).join("\n");
    expect(diffLines(long("a"), long("b"))).toHaveLength(40_000);
  });
});

describe("a difference", () => {
  it("shows equal lines near a change, and counts the others", () => {
    const before = Array.from({ length: 20 }, (_, index) => String(index)).join("\n");
    const shown = foldLines(diffLines(before, before.replace("\n10\n", "\nten\n")), 2);
    expect(shown.map((line) => (line.type === "fold" ? `(${line.count})` : line.text))).toEqual([
      "(8)",
      "8",
      "9",
      "10",
      "ten",
      "11",
      "12",
      "(7)",
    ]);
  });

  it("puts removed lines beside the added ones", () => {
    const pairs = pairLines(foldLines(diffLines("a\nb\nc", "a\nx\ny\nc")));
    expect(pairs.map((pair) => ("type" in pair ? "" : `${pair.left?.text ?? ""}|${pair.right?.text ?? ""}`))).toEqual([
      "a|a",
      "b|x",
      "|y",
      "c|c",
    ]);
  });
});
