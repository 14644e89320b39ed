import { describe, expect, it } from "vitest";
import { endsWith, matchesKeys } from "./keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey" | "shiftKey", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

describe("matchesKeys", () => {
  it.each([
    ["mod+k", press("k", { ctrlKey: true }), true],
    ["mod+k", press("k", { metaKey: true }), true],
    ["mod+k", press("k"), false],
    ["k", press("k", { ctrlKey: true }), false],
    ["mod+z", press("Z", { ctrlKey: true, shiftKey: true }), false],
    ["shift+mod+z", press("Z", { ctrlKey: true, shiftKey: true }), true],
    ["c", press("C", { shiftKey: true }), false],
    ["c", press("c", { altKey: true }), false],
    ["esc", press("Escape"), true],
    ["up", press("ArrowUp"), true],
    ["shift+up", press("ArrowUp", { shiftKey: true }), true],
    ["up", press("ArrowUp", { shiftKey: true }), false],
    ["space", press(" "), true],
  ])("%s and %o: %s", (keys, event, expected) => {
    expect(matchesKeys(event, keys)).toBe(expected);
  });

  it("takes a sign as it comes, with Shift or without", () => {
    expect(matchesKeys(press("?", { shiftKey: true }), "?")).toBe(true);
    expect(matchesKeys(press("?"), "?")).toBe(true);
    expect(matchesKeys(press("+", { ctrlKey: true, shiftKey: true }), "mod+plus")).toBe(true);
    expect(matchesKeys(press("?", { ctrlKey: true }), "?")).toBe(false);
  });
});

describe("endsWith", () => {
  it("wants all steps of a sequence, in order, last", () => {
    expect(endsWith([press("g"), press("w")], "g w")).toBe(true);
    expect(endsWith([press("w"), press("g")], "g w")).toBe(false);
    expect(endsWith([press("w")], "g w")).toBe(false);
    expect(endsWith([press("x"), press("w")], "w")).toBe(true);
  });
});
