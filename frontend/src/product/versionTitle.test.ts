import { describe, expect, it } from "vitest";
import { versionTitle } from "./versionTitle";

const ada = { id: "u", name: "Ada" };
const plain = { name: "", automatic: false, run_id: null, restored_from: null, created_by: ada };

describe("a version is called", () => {
  it.each([
    ["by its name", { name: "Before the sale" }, "Before the sale"],
    ["after who saved it", {}, "Saved by Ada"],
    ["after its run", { automatic: true, run_id: "r" }, "Saved by a run"],
    ["after the restore it was kept for", { automatic: true }, "Saved for a plan or before a restore"],
    ["after the version it restored", { restored_from: 3 }, "Restored from v3"],
    ["plainly, when whoever saved it is gone", { created_by: null }, "Saved"],
  ])("%s", (_how, part, title) => {
    expect(versionTitle({ ...plain, ...part })).toBe(title);
  });
});
