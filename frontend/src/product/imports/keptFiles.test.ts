import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NO_FILES, textFile } from "./chosenFiles";
import { forgetKeptFiles, keepFiles, readKept } from "./keptFiles";

const form = {
  ...NO_FILES,
  files: [textFile("compose.yaml", "services: {}")],
  repository: "https://git.example.com/a/b",
};

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});
afterEach(() => vi.unstubAllGlobals());

test("what was chosen is there again after a reload, for the same person", () => {
  keepFiles("anna", form);
  expect(readKept("anna")).toEqual(form);
  expect(readKept("ben")).toBeNull();
  expect(readKept(undefined)).toBeNull();
});

test("nothing is kept at signing out, and of what is too large", () => {
  keepFiles("anna", form);
  forgetKeptFiles();
  expect(readKept("anna")).toBeNull();
  keepFiles("anna", form);
  keepFiles("anna", { ...form, pasted: "x".repeat(4_000_001) });
  expect(readKept("anna")).toBeNull();
});
