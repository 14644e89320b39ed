import { describe, expect, it } from "vitest";
import type { Run, Step } from "@/contract";
import { STATUS, stateOf, stepStatus } from "./status";

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
  });
});
