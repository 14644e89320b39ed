import { expect, it } from "vitest";
import type { Run } from "@/contract";
import { isReturnable, isUndoable } from "./returnable";

const run = (more: Partial<Run> = {}) =>
  ({
    id: "r2",
    state: "succeeded",
    kind: "apply",
    options: { only: [] },
    rolled_back_by: null,
    created_at: "2026-11-26T02:00:00Z",
    counts: { done: 1 },
    ...more,
  }) as unknown as Run;
const deployed = (run_id: string, at = "2026-11-26T01:00:00Z") => ({
  deployed: { version: 1, run_id, at, edited_since: false },
  active_run: null,
});
const ref = { api_version: "v1", kind: "ConfigMap", namespace: "shop", name: "settings" };

it.each<[string, Run, boolean]>([
  ["one that succeeded", run(), true],
  ["a rollback", run({ kind: "rollback" }), true],
  ["the live one", run({ id: "r1" }), false],
  ["one that failed", run({ state: "failed" }), false],
  ["one that deleted everything", run({ kind: "destroy" }), false],
  ["one that applied some objects alone", run({ options: { ...run().options, only: [ref] } }), false],
])("going back to %s is offered: %j", (_of, one, offered) => {
  expect(isReturnable(one, deployed("r1"))).toBe(offered);
});

it.each<[string, Run, boolean]>([
  ["the live one", run({ id: "r1" }), true],
  ["one that broke off after it", run({ state: "failed" }), true],
  ["one that changed nothing", run({ state: "failed", counts: { ...run().counts, done: 0 } }), false],
  [
    "one that was taken back by itself",
    run({ state: "failed", rolled_back_by: { id: "r3", number: 3 } as never }),
    false,
  ],
  ["an earlier one that failed", run({ state: "failed", created_at: "2026-11-26T00:00:00Z" }), false],
  ["an earlier one that succeeded", run(), false],
])("taking back %s is offered: %j", (_of, one, offered) => {
  expect(isUndoable(one, deployed("r1"))).toBe(offered);
});
