import { describe, expect, it } from "vitest";
import type { Plan, PlanObject } from "@/contract";
import { planGroups, planHindrance, sayImpact, sayPlan } from "./planWords";

const NONE: Plan["counts"] = { create: 0, update: 0, unchanged: 0, recreate: 0, delete: 0, keep: 0, conflict: 0 };
const object = (name: string, effect: PlanObject["effect"], more: Partial<PlanObject> = {}): PlanObject =>
  ({
    ref: { api_version: "v1", kind: "ConfigMap", namespace: "shop", name },
    effect,
    error: null,
    ...more,
  }) as PlanObject;

describe("a plan", () => {
  it("is summed up with the most dangerous first, and without what stays", () => {
    expect(sayPlan({ ...NONE, create: 1, update: 2, delete: 1, unchanged: 5, keep: 1 })).toBe(
      "1 delete · 2 update · 1 create.",
    );
    expect(sayPlan({ ...NONE, unchanged: 3, keep: 1 })).toBe("Nothing would change.");
  });

  it("lists what acts by danger, and what stays apart", () => {
    const { acting, staying } = planGroups([
      object("a", "create"),
      object("b", "unchanged"),
      object("c", "delete"),
      object("d", "conflict"),
      object("e", "keep"),
    ]);
    expect(acting.map(({ ref }) => ref.name)).toEqual(["d", "c", "a"]);
    expect(staying.map(({ ref }) => ref.name)).toEqual(["b", "e"]);
  });

  it("cannot be run when it is no longer true, conflicts, or would be refused; and says so", () => {
    const plan = { counts: NONE, objects: [object("a", "update")], still_true: true };
    expect(planHindrance(plan)).toBeNull();
    expect(planHindrance({ ...plan, still_true: false })).toContain("Plan again");
    expect(planHindrance({ ...plan, counts: { ...NONE, conflict: 1 } })).toContain("Other managers");
    const refused = object("a", "update", { error: { code: "cluster.refused", detail: "no" } });
    expect(planHindrance({ ...plan, objects: [refused] })).toContain("refuse");
  });

  it("says what an object's change does to pods", () => {
    expect(sayImpact({ level: "restart", pods: 3, reason: "" })).toBe("Restarts 3 pods");
    expect(sayImpact({ level: "restart", pods: 1, reason: "" })).toBe("Restarts 1 pod");
    expect(sayImpact({ level: "restart", pods: null, reason: "" })).toBe("Restarts pods");
    expect(sayImpact({ level: "none", pods: null, reason: "" })).toBe("");
    expect(sayImpact(null)).toBe("");
  });
});
