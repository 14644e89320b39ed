import { describe, expect, it } from "vitest";
import type { Step, StepAction } from "@/contract";
import { groupSteps, rangeOf, spanOf } from "./stepGroups";

const step = (wave: number, kind: string, action: StepAction = "apply") =>
  ({ wave, action, ref: { kind, name: kind.toLowerCase() } }) as Step;

describe("the objects of a run", () => {
  it("begin with what is deleted and end with what is kept, whatever their wave", () => {
    const groups = groupSteps([
      step(0, "ConfigMap"),
      step(0, "Secret"),
      step(2, "Deployment"),
      step(3, "CronJob", "delete"),
      step(3, "PersistentVolumeClaim", "keep"),
    ]);
    expect(groups.map(({ title, hint }) => [title, hint])).toEqual([
      ["Deletions", "no longer in the workflow; after everything else"],
      ["Wave 1", "ConfigMap, Secret"],
      ["Wave 2", "Deployment · after wave 1"],
      ["Kept", "no longer in the workflow, and left in the cluster"],
    ]);
  });

  it("name a few kinds of a wave and count the rest", () => {
    const [wave] = groupSteps(["A", "B", "C", "D", "E", "E"].map((kind) => step(0, kind)));
    expect(wave?.hint).toBe("A, B, C and 2 more kinds");
  });

  it("are nothing before the plan", () => {
    expect(groupSteps([])).toEqual([]);
  });
});

describe("the time of a step", () => {
  const at = (second: number) => new Date(second * 1000).toISOString();
  const timed = (started: number | null, finished: number | null, state: Step["state"] = "done") => ({
    started_at: started === null ? null : at(started),
    finished_at: finished === null ? null : at(finished),
    state,
  });

  it("is its share of the run's time", () => {
    const steps = [timed(0, 4), timed(4, 6), timed(6, null, "running"), timed(null, null, "pending")];
    const range = rangeOf(steps, 10_000);
    expect(range).toEqual([0, 10_000]);
    expect(steps.map((each) => spanOf(each, range, 10_000))).toEqual([
      { left: 0, width: 40 },
      { left: 40, width: 20 },
      { left: 60, width: 40 },
      null,
    ]);
  });

  it("does not divide by nothing", () => {
    expect(rangeOf([], 5)).toEqual([5, 5]);
    expect(spanOf(timed(1, 1), [1000, 1000], 1000)).toEqual({ left: 0, width: 0 });
  });
});
