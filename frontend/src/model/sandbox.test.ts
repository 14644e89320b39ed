import { expect, it } from "vitest";
import type { Cluster, ClusterPhase } from "@/contract";
import { saySandbox, sayStage, sayWait } from "./sandbox";

const MINUTE = 60_000;
const sandbox = (phase: ClusterPhase | null, step = 2, state: Cluster["state"] = "connecting") =>
  ({
    name: "sandbox",
    state,
    created_at: new Date(0).toISOString(),
    progress: phase && { phase, step, steps: 5, message: "", detail: "" },
  }) as Cluster;

it.each([
  [sandbox("building"), 6.5 * MINUTE, "6 min so far, usually 5–10 min"],
  [sandbox("downloading"), 20_000, "under 1 min so far, usually 1–3 min"],
  [sandbox(null), 2 * MINUTE, "2 min so far"],
  [sandbox("starting"), 300 * MINUTE, "usually under 1 min"],
  [sandbox(null), 300 * MINUTE, null],
  [sandbox("ready", 5, "ready"), MINUTE, null],
  [sandbox("failed", 5, "failed"), MINUTE, null],
])("the wait for the sandbox is said as far as it is known: case %#", (cluster, now, said) => {
  expect(sayWait(cluster, now)).toBe(said);
});

it.each([
  [sandbox("building"), "The sandbox cluster is still building (2 of 5 steps)"],
  [sandbox("building", 0), "The sandbox cluster is still building"],
  [sandbox("finding"), "The sandbox cluster is still starting (2 of 5 steps)"],
  [sandbox(null), "The sandbox cluster is still starting"],
])("what the sandbox does is said in one sentence: case %#", (cluster, said) => {
  expect(sayStage(cluster)).toBe(said);
});

it.each([
  [sandbox("building"), "The sandbox is still building"],
  [sandbox("failed", 5, "failed"), "The sandbox did not start"],
  [sandbox(null, 0, "failed"), "The sandbox did not start"],
  [sandbox("ready", 5, "failed"), "The sandbox does not answer"],
])("a sandbox that had started is not said to have failed at it: case %#", (cluster, said) => {
  expect(saySandbox(cluster)).toBe(said);
});
