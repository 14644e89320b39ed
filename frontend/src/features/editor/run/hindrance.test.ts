import { describe, expect, it } from "vitest";
import type { Environment } from "@/contract";
import { runHindrance, type RunFacts } from "./hindrance";

const environment = { name: "sandbox", cluster: { id: "c", name: "sandbox", state: "ready" } } as Environment;
const fine: RunFacts = { readOnly: false, environment, cluster: undefined, empty: false, stale: false, errors: 0 };
const starting = { phase: "building", step: 2, steps: 5, message: "", detail: "" } as const;

describe("what keeps a run from starting", () => {
  it.each<[string, Partial<RunFacts>, RegExp | null]>([
    ["nothing", {}, null],
    ["a viewer's rights", { readOnly: true, errors: 3 }, /read-only/],
    ["no environment", { environment: undefined }, /Choose an environment/],
    ["an empty canvas", { empty: true }, /Add a node/],
    [
      "an empty canvas of what is deployed",
      { empty: true, environment: { ...environment, deployed: { version: 1 } } as Environment },
      /undeploy it in the settings/,
    ],
    ["a conflict", { stale: true }, /which edits to keep/],
    ["one error", { errors: 1 }, /^Fix 1 error first\.$/],
    ["several errors", { errors: 2 }, /^Fix 2 errors first\.$/],
    [
      "a cluster that is built",
      { cluster: { name: "sandbox", state: "pending", progress: starting as never } },
      /2 of 5/,
    ],
    ["a cluster that failed", { cluster: { name: "prod", state: "failed", progress: null } }, /prod cannot be reached/],
  ])("%s", (_what, facts, expected) => {
    const hindrance = runHindrance({ ...fine, ...facts });
    if (expected === null) expect(hindrance).toBeNull();
    else expect(hindrance).toMatch(expected);
  });

  it("is judged by the cluster as it is now, else by what the workflow last said of it", () => {
    const old = { ...environment, cluster: { ...environment.cluster, state: "pending" } } as Environment;
    expect(runHindrance({ ...fine, environment: old })).toMatch(/still starting/);
    const ready = { name: "sandbox", state: "ready", progress: null } as const;
    expect(runHindrance({ ...fine, environment: old, cluster: ready })).toBeNull();
  });
});
