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
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const HOUR_MS = 3_600_000;
/** What lies in the browser, whoever may be shown it. */
const stored = () =>
  ["files", "chart"].flatMap((name) => sessionStorage.getItem(`kubeorch.import.${name}`) ?? []).join("\n");

test("what was chosen is there again after a reload, for the same person", () => {
  keepFiles("files", "anna", form);
  expect(readKept("files", "anna")).toEqual(form);
  expect(readKept("files", undefined)).toBeNull();
  expect(readKept("files", "anna")).toBeNull();
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

test("what somebody else chose is not only not shown, it is gone", () => {
  keepFiles("files", "anna", form);
  expect(readKept("files", "ben")).toBeNull();
  expect(stored()).toBe("");
});

test("what is kept is gone after some hours, whoever comes", () => {
  vi.useFakeTimers({ now: 0 });
  keepFiles("files", "anna", form);
  vi.setSystemTime(3 * HOUR_MS);
  forgetKeptFiles("anna");
  expect(readKept("files", "anna")).toEqual(form);
  keepFiles("chart", "anna", { url: "x" });
  vi.setSystemTime(5 * HOUR_MS);
  forgetKeptFiles("anna");
  expect(stored()).not.toContain("services");
  vi.setSystemTime(8 * HOUR_MS);
  expect(readKept("chart", "anna")).toBeNull();
  expect(stored()).toBe("");
});

test("what was kept without a time is gone", () => {
  sessionStorage.setItem("kubeorch.import.files", JSON.stringify({ user: "anna", form }));
  forgetKeptFiles("anna");
  expect(stored()).toBe("");
});

test("only what the person chose who is signed in stays", () => {
  keepFiles("files", "anna", form);
  keepFiles("chart", "ben", { url: "x" });
  forgetKeptFiles("ben");
  expect(readKept("chart", "ben")).toEqual({ url: "x" });
  expect(stored()).not.toContain("anna");
  forgetKeptFiles();
  expect(stored()).toBe("");
});
