import { expect, it } from "vitest";
import type { Run } from "@/contract";
import { startedBy } from "./startedBy";

const ada = { id: "u1", name: "Ada" };

it.each<[Run["triggered_by"], string]>([
  ["person", "Ada"],
  ["drift", "Ada, to put drift right"],
  ["rollback", "automatic rollback"],
  ["self_heal", "self-heal"],
  ["schedule", "schedule"],
  ["webhook", "webhook"],
  ["build", "new build"],
  ["image", "new image"],
])("a run triggered by %s was started by %s", (triggered_by, said) => {
  expect(startedBy({ triggered_by, trigger_name: "", created_by: ada })).toBe(said);
});

it("a trigger that has a name is named", () => {
  const said = (triggered_by: Run["triggered_by"]) =>
    startedBy({ triggered_by, trigger_name: "nightly", created_by: ada });
  expect([said("schedule"), said("webhook"), said("build")]).toEqual([
    "schedule “nightly”",
    "webhook “nightly”",
    "new build, by “nightly”",
  ]);
});
