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
  keepFiles("files", "anna", form);
  expect(readKept("files", "anna")).toEqual(form);
  expect(readKept("files", "ben")).toBeNull();
  expect(readKept("files", undefined)).toBeNull();
});

test("each form is kept by itself", () => {
  expect(keepFiles("files", "anna", form)).toBe(true);
  keepFiles("chart", "anna", { url: "oci://example.com/shop" });
  expect(readKept("files", "anna")).toEqual(form);
  expect(readKept("chart", "anna")).toEqual({ url: "oci://example.com/shop" });
});

test("nothing is kept at signing out, and of what is too large", () => {
  keepFiles("files", "anna", form);
  keepFiles("chart", "anna", { url: "x" });
  forgetKeptFiles();
  expect(readKept("files", "anna")).toBeNull();
  expect(readKept("chart", "anna")).toBeNull();
  keepFiles("files", "anna", form);
  expect(keepFiles("files", "anna", { ...form, pasted: "x".repeat(4_000_001) })).toBe(false);
  expect(readKept("files", "anna")).toBeNull();
});
