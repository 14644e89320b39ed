import { describe, expect, it } from "vitest";
import type { Environment, Health } from "@/contract";
import { deploymentWord, markOf, worstOff } from "./health";

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
  const word = (value: Environment["deployed"]) => deploymentWord({ deployed: value });
  expect(word(null)).toBe("never deployed");
  expect(word(deployed(5, false))).toBe("deployed v5");
  expect(word(deployed(5, true))).toBe("edited since v5");
});
