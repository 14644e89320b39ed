import { describe, expect, it } from "vitest";
import type { Environment, Health } from "@/contract";
import { deploymentTime, deploymentWord, markOf, partlyReason, worstOff } from "./health";

const deployed = (version: number, edited_since: boolean) => ({ version, run_id: "r", at: "", edited_since });
const environment = (name: string, health: Health | null) => ({
  name,
  deployed: health && deployed(1, false),
  health: health && { health, reason: "", stale_since: null, counts: {} },
});

describe("the health of a workflow", () => {
  it("is that of its environment that is worst off", () => {
    const all = (["healthy", "progressing", "unknown", "missing", "degraded", "failed"] as const).map((health) =>
      environment(health, health),
    );
    for (let count = all.length; count > 0; count -= 1)
      expect(worstOff(all.slice(0, count))?.name).toBe(all[count - 1]?.name);
  });

  it("is none where nothing is deployed", () => {
    expect(worstOff([environment("dev", null)])).toBeUndefined();
    expect(worstOff([])).toBeUndefined();
    expect(worstOff([environment("dev", null), environment("prod", "healthy")])?.name).toBe("prod");
  });

  it("marks the tab of a dead application, and not that of a healthy one", () => {
    expect(markOf("failed")).toBe("✕");
    expect(markOf("missing")).toBe("✕");
    expect(markOf("healthy")).toBe("");
    expect(markOf(undefined)).toBe("");
  });
});

it("an environment says which version it has", () => {
  const word = (value: Environment["deployed"]) =>
    deploymentWord({ deployed: value, partly: null, undeployed_at: null });
  expect(word(null)).toBe("never deployed");
  expect(word(deployed(5, false))).toBe("deployed v5");
  expect(word(deployed(5, true))).toBe("edited since v5");
});

it("a version whose run has yet to be judged is being deployed", () => {
  const now = deployed(5, false);
  const standing = { deployed: now, partly: null, undeployed_at: null };
  const verifying = { id: now?.run_id ?? "", number: 7, state: "verifying" as const };
  expect(deploymentWord({ ...standing, active_run: verifying })).toBe("deploying v5");
  expect(deploymentTime({ ...standing, active_run: verifying })).toBeNull();
  expect(deploymentWord({ ...standing, active_run: { ...verifying, id: "another" } })).toBe("deployed v5");
});

it("an environment that is not as one version says, says so, and why", () => {
  const run = { id: "r", number: 8, version: 2, state: "failed" as const, kind: "rollback" as const };
  const mixed = { deployed: deployed(4, false), partly: { run, objects: 1 }, undeployed_at: null };
  expect(deploymentWord(mixed)).toBe("v4, partly v2 (run #8 failed)");
  expect(deploymentWord(mixed, { short: true })).toBe("v4, partly v2");
  expect(deploymentTime(mixed)).toBeNull();
  expect(partlyReason(mixed)).toBe(
    "Run #8 failed after 1 object had been put back. The others are as v4 left them. A run that succeeds makes it whole again.",
  );
  const first = { ...run, number: 1, version: 1, state: "canceled" as const, kind: "apply" as const };
  expect(deploymentWord({ ...mixed, deployed: null, partly: { run: first, objects: 3 } })).toBe(
    "partly v1 (run #1 was canceled)",
  );
  const gone = { deployed: null, partly: null, undeployed_at: "2026-01-01T00:00:00Z" };
  expect([deploymentWord(gone), deploymentTime(gone)]).toEqual(["undeployed", gone.undeployed_at]);
});
