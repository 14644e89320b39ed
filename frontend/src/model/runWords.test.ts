import { describe, expect, it } from "vitest";
import type { NodeStatus, Run, RunState, Step, StepState } from "@/contract";
import { partsOf, sayParts, sayRun } from "./runWords";

const run = (state: RunState, counts: Partial<Run["counts"]> = {}, kind: Run["kind"] = "apply") =>
  ({
    state,
    kind,
    error: null,
    counts: { total: 8, done: 0, changed: 0, deleted: 0, kept: 0, unchanged: 0, failed: 0, skipped: 0, ...counts },
  }) as Run;
const step = (name: string, state: StepState) =>
  ({ action: "apply", state, ref: { api_version: "v1", kind: "Service", namespace: "shop", name } }) as Step;

describe("a run in one sentence", () => {
  it.each([
    [run("applying", { done: 2 }), [step("web", "running")], "Applying object 3 of 8: web."],
    [
      run("applying", { done: 8 }),
      ["a", "b", "c", "d"].map((name) => step(name, "running")),
      "Applying object 8 of 8: a, b, c and 1 more.",
    ],
    [run("verifying", { done: 8 }), [], "All objects applied. Waiting until they are healthy."],
    [run("succeeded", { done: 2, unchanged: 6 }), [], "2 changed · 6 unchanged. All healthy."],
    [
      run("succeeded", { done: 3, changed: 1, deleted: 1, kept: 1, unchanged: 5 }),
      [],
      "1 changed · 1 deleted · 5 unchanged · 1 kept. All healthy.",
    ],
    [run("succeeded", { deleted: 8 }, "destroy"), [], "All its objects are deleted."],
    [run("succeeded", { deleted: 3, kept: 5 }, "destroy"), [], "3 objects deleted. 5 objects are kept in the cluster."],
    [run("succeeded", { kept: 1 }, "destroy"), [], "Nothing was there to delete. 1 object is kept in the cluster."],
    [{ ...run("rolled_back"), rolled_back_by: { id: "r", number: 11 } }, [], "It failed, and run #11 rolled it back."],
    [run("failed", { failed: 1, skipped: 3 }), [], "1 of 8 objects failed, 3 skipped."],
    [run("failed", { done: 8 }), [], "All objects were applied, but not all became healthy."],
    [
      {
        ...run("failed", { done: 8 }),
        error: {
          code: "run.superseded",
          detail: "run 3 took over while Deployment web was not healthy",
          node_id: "web",
        },
      },
      [],
      "Run 3 took over while Deployment web was not healthy.",
    ],
    [run("failed", { done: 1 }), [], "The run did not finish."],
    [run("canceled", { total: 1, done: 1 }), [], "Canceled. 1 of 1 object already applied; nothing was rolled back."],
  ])("case %#", (given, steps, sentence) => {
    expect(sayRun(given, steps)).toBe(sentence);
  });

  it("says what the next object waits for while none is applied", () => {
    const waits = "waits for StatefulSet db: its pod cannot be scheduled";
    const web = { ...step("web", "pending"), waits_for: waits };
    expect(sayRun(run("applying", { done: 5 }), [step("db", "done"), web, step("door", "pending")])).toBe(
      "Service web waits for StatefulSet db: its pod cannot be scheduled. 5 of 8 objects are applied.",
    );
    expect(sayRun(run("applying", { done: 5 }), [web, step("door", "running")])).toBe("Applying object 6 of 8: door.");
  });

  it("calls nothing healthy whose health nothing tells", () => {
    const untold = (name: string) =>
      ({ ...step(name, "done"), health_at_end: { health: "present", reason: "" } }) as unknown as Step;
    const well = { ...step("db", "done"), health_at_end: { health: "healthy", reason: "" } } as unknown as Step;
    const said = "2 changed. None is unhealthy; nothing tells the health of web";
    expect(sayRun(run("succeeded", { done: 2 }), [well, untold("web")])).toBe(`${said}.`);
    expect(sayRun(run("succeeded", { done: 2 }), [untold("web"), untold("way")])).toBe(`${said} and 1 more.`);
  });

  it("names what it waits for, and why", () => {
    const unwell = [
      { node_id: "db", health: "progressing", reason: "0 of 1 pods ready", objects: [] },
      { node_id: "web", health: "progressing", reason: "", objects: [] },
    ] as unknown as NodeStatus[];
    expect(sayRun(run("verifying"), [], unwell)).toBe("Waiting for db and 1 more: 0 of 1 pods ready");
  });
});

describe("the parts of a run", () => {
  it("are green only when the run has succeeded", () => {
    const tone = (state: RunState) => partsOf(run(state, { done: 1 })).find((part) => part.word === "changed")?.tone;
    expect([tone("applying"), tone("succeeded"), tone("failed")]).toEqual(["busy", "ok", "warn"]);
  });

  it("add up to what is settled, also for a run of an earlier release", () => {
    const total = (counts: Partial<Run["counts"]>) =>
      partsOf(run("succeeded", counts)).reduce((sum, part) => sum + part.count, 0);
    expect(total({ done: 3, unchanged: 4, skipped: 1 })).toBe(8);
    expect(total({ done: 3, changed: 1, deleted: 1, kept: 1, unchanged: 4, skipped: 1 })).toBe(8);
  });

  it("are said in one line", () => {
    expect(sayParts(run("succeeded", { done: 3, changed: 1, deleted: 1, kept: 1, unchanged: 5 }))).toBe(
      "1 changed · 1 deleted · 5 unchanged · 1 kept",
    );
    expect(sayParts(run("queued"))).toBe("");
  });
});
