import { describe, expect, it } from "vitest";
import type { Step } from "@/contract";
import { stepsByWave } from "./stepsByWave";

function aStep(index: number, wave: number, state: Step["state"] = "pending"): Step {
  const ref = { api_version: "v1", kind: "ConfigMap", namespace: "shop", name: `step-${index}` };
  return { index, wave, state, ref, node_id: `n${index}`, action: "apply", error: null } as Step;
}

describe("the steps of a run", () => {
  it("are grouped by wave, and keep the order of the plan inside a wave", () => {
    const steps = [aStep(0, 2), aStep(1, 10), aStep(2, 2), aStep(3, 1)];
    expect(stepsByWave(steps).map(([wave, members]) => [wave, members.map((step) => step.index)])).toEqual([
      [1, [3]],
      [2, [0, 2]],
      [10, [1]],
    ]);
  });
});
