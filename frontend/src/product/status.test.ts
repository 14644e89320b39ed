import { describe, expect, it } from "vitest";
import type { Health, Run, Step } from "@/contract";
import { STATUS, stateOf, stepStatus, whyUnwell } from "./status";

const run = (state: Run["state"], code?: string) => ({
  state,
  error: code === undefined ? null : { code, detail: "", node_id: "web" },
});
const step = (state: Step["state"], action: Step["action"] = "apply", node_id = "web") => ({ state, action, node_id });

describe("the state of a run", () => {
  it("is not a failure where the next run took over", () => {
    expect(stateOf(run("failed", "run.superseded"))).toBe("superseded");
    expect(STATUS.superseded.tone).toBe("idle");
    expect(stateOf(run("failed", "run.unhealthy"))).toBe("failed");
    expect(stateOf(run("succeeded"))).toBe("succeeded");
  });
});

describe("the state of an object in a run", () => {
  it.each(["run.superseded", "run.unhealthy", "run.deadline", "run.unobserved"])(
    "is never fine for the one that ended the run: %s",
    (code) => {
      expect(stepStatus(step("done"), run("failed", code))).toBe("unwell");
      expect(stepStatus(step("unchanged"), run("failed", code))).toBe("unwell");
      expect(stepStatus(step("done", "apply", "db"), run("failed", code))).toBe("applied");
    },
  );

  it("is what its own health was when the run ended, for all of them", () => {
    const ended = (health: Health, state: Step["state"] = "done") =>
      stepStatus(
        { ...step(state, "apply", "db"), health_at_end: { health, reason: "" } },
        run("failed", "run.deadline"),
      );
    for (const health of ["degraded", "failed", "missing", "progressing"] as const)
      expect(ended(health, "unchanged")).toBe("unwell");
    expect(ended("unknown")).toBe("unknown");
    expect(ended("healthy")).toBe("done");
    expect(ended("healthy", "unchanged")).toBe("unchanged");
    expect(STATUS[ended("present")].tone).not.toBe("ok");
  });

  it("says why, unless it was healthy", () => {
    expect(whyUnwell({ health_at_end: { health: "degraded", reason: "it crashes" } })).toBe("it crashes");
    expect(whyUnwell({ health_at_end: { health: "healthy", reason: "3 of 3 pods ready" } })).toBe("");
    expect(whyUnwell({ health_at_end: null })).toBe("");
  });

  it("is green only after the run has seen everything healthy", () => {
    expect(STATUS[stepStatus(step("done"), run("succeeded"))].tone).toBe("ok");
    for (const state of ["applying", "verifying", "failed", "canceled"] as const)
      expect(STATUS[stepStatus(step("done"), run(state))].tone).not.toBe("ok");
  });

  it("says what was deleted and what was kept", () => {
    expect(stepStatus(step("done", "delete"), run("succeeded"))).toBe("deleted");
    expect(stepStatus(step("done", "keep"), run("succeeded"))).toBe("kept");
    expect(stepStatus(step("failed", "delete"), run("failed", "run.apply"))).toBe("failed");
    expect(stepStatus(step("pending", "keep"), run("applying"))).toBe("pending");
    expect(stepStatus(step("done", "give_back"), run("succeeded"))).toBe("returned");
    expect(stepStatus(step("failed", "give_back"), run("failed"))).toBe("failed");
  });
});
