import { describe, expect, it } from "vitest";
import {
  filterPlan,
  planBands,
  planHindrance,
  sayChoices,
  sayEffect,
  sayPlan,
  STANCES,
  stanceCounts,
  stanceOf,
  type PlanStance,
} from "./planWords";
import { aPlanObject as object, restarting } from "./testing/plans";

const names = (objects: readonly { ref: { name: string } }[]): string[] => objects.map(({ ref }) => ref.name);
const UNPROTECTED = { required: false, state: "none", by: null, at: null, reason: "" } as const;
const ALL = { query: "", stances: new Set<PlanStance>() };

it("says what was chosen for fields that others manage", () => {
  const { ref } = restarting("web", 1);
  const choices = (["take", "share", "share"] as const).map((choice) => ({
    ref,
    path: "spec.replicas",
    choice,
    value: null,
  }));
  expect(sayChoices(choices)).toBe("takes over 1 field, adopts 2 fields");
});

describe("a plan", () => {
  it("is summed up with the most dangerous first, with the pods that restart, and with what is held", () => {
    const objects = [
      object("a", "create"),
      restarting("web", 3),
      restarting("api", 1),
      object("b", "delete"),
      object("c", "keep"),
      object("d", "unchanged"),
    ];
    expect(sayPlan(objects)).toBe("1 delete, 2 objects restart 4 pods, 1 create, 1 held.");
    expect(sayPlan([restarting("web", 2)])).toBe("1 object restarts 2 pods.");
    expect(sayPlan([restarting("web", null)])).toBe("1 object restarts pods.");
    expect(sayPlan([object("a", "conflict"), object("b", "conflict"), object("c", "delete")])).toBe(
      "2 conflicts, 1 delete.",
    );
    expect(sayPlan([object("d", "unchanged")])).toBe("Nothing would change.");
    expect(sayPlan([object("c", "keep")])).toBe("Nothing would change, 1 held.");
    expect(sayPlan([object("c", "give_back")])).toBe("Nothing would change, 1 given back.");
  });

  it("counts each object once", () => {
    const objects = [object("a", "create"), object("b", "create"), restarting("c", 1), object("d", "unchanged")];
    expect(stanceCounts(objects).reduce((sum, { count }) => sum + count, 0)).toBe(objects.length);
  });

  it("calls a change by what it does to pods and data, and a refused one refused", () => {
    const impact = (level: "data" | "downtime" | "in_place") => ({ level, pods: null, reason: "" });
    expect(stanceOf(object("a", "update", { impact: impact("data") }))).toBe("data");
    expect(stanceOf(object("a", "update", { impact: impact("downtime") }))).toBe("downtime");
    expect(stanceOf(object("a", "update", { impact: impact("in_place") }))).toBe("update");
    expect(stanceOf(object("a", "delete", { impact: impact("data") }))).toBe("delete");
    expect(stanceOf(object("a", "create", { error: { code: "x", detail: "no" } }))).toBe("refused");
  });

  it("gives every stance a shape and a word of its own, not a colour alone", () => {
    const looks = Object.values(STANCES);
    expect(new Set(looks.map(({ mark }) => mark)).size).toBe(looks.length);
    expect(new Set(looks.map(({ word }) => word)).size).toBe(looks.length);
  });

  it("is divided into bands that hold every object once, what acts by danger", () => {
    const objects = [
      object("a", "create"),
      object("b", "unchanged"),
      object("c", "delete"),
      object("d", "conflict"),
      object("e", "keep"),
      object("f", "update", { field_counts: { acts: 0, bookkeeping: 2, untouched: 3 } }),
      object("g", "update", { field_counts: { acts: 1, bookkeeping: 2, untouched: 3 } }),
    ];
    const { acting, held, bookkeeping, untouched } = planBands(objects);
    expect([acting, held, bookkeeping, untouched].map(names)).toEqual([["d", "c", "g", "a"], ["e"], ["f"], ["b"]]);
  });

  it("is searched by kind, name and path of a field, and filtered by stance", () => {
    const objects = [restarting("web", 1), object("settings", "create"), object("old", "delete")];
    expect(names(filterPlan(objects, ALL))).toEqual(["web", "settings", "old"]);
    expect(names(filterPlan(objects, { ...ALL, query: "IMAGE deploy" }))).toEqual(["web"]);
    expect(names(filterPlan(objects, { ...ALL, query: "configmap" }))).toEqual(["settings", "old"]);
    expect(names(filterPlan(objects, { query: "", stances: new Set(["delete", "restart"]) }))).toEqual(["web", "old"]);
  });

  it("cannot be run when it is no longer true, conflicts, or would be refused; and says so", () => {
    const plan = { still_true: true, objects: [object("a", "update")], approval: UNPROTECTED };
    expect(planHindrance(plan)).toBeNull();
    expect(planHindrance({ ...plan, still_true: false })).toContain("Plan again");
    expect(planHindrance({ ...plan, objects: [object("a", "conflict")] })).toContain("Other managers");
    const refused = object("a", "update", { error: { code: "cluster.refused", detail: "no" } });
    expect(planHindrance({ ...plan, objects: [refused] })).toContain("refuse");
  });

  it("of a protected environment can be run once another person has approved it", () => {
    const plan = { still_true: true, objects: [object("a", "update")] };
    const approval = { ...UNPROTECTED, required: true };
    expect(planHindrance({ ...plan, approval })).toContain("approve");
    expect(planHindrance({ ...plan, approval: { ...approval, state: "refused" } })).toContain("refused");
    expect(planHindrance({ ...plan, approval: { ...approval, state: "approved" } })).toBeNull();
  });

  it("says what an object's change does, in sentences, and nothing of what stays as it is", () => {
    const update = (level: "restart" | "none" | "in_place", pods: number | null, reason = "") =>
      sayEffect(object("a", "update", { impact: { level, pods, reason } }));
    expect(update("restart", 3, "the image changes")).toBe("Restarts 3 pods: the image changes.");
    expect(update("restart", 1)).toBe("Restarts 1 pod.");
    expect(update("restart", null)).toBe("Restarts pods.");
    expect(update("in_place", null, "no pod is restarted")).toBe("No pod is restarted.");
    expect(update("none", null)).toBe("");
    expect(sayEffect(object("a", "keep", { reason: "it holds data" }))).toBe("It holds data.");
    expect(sayEffect(object("a", "give_back", { reason: "our labels go" }))).toBe("Our labels go.");
    const unchanged = object("a", "unchanged", { impact: { level: "none", pods: null, reason: "nothing changes" } });
    expect(sayEffect(unchanged)).toBe("");
    const impact = { level: "in_place" as const, pods: null, reason: "it is new" };
    const renamed = object("b", "create", { reason: "a was renamed to b", impact });
    expect(sayEffect(renamed)).toBe("A was renamed to b. It is new.");
    const refused = { reason: "no", error: { code: "x", detail: "no" }, impact: null };
    expect(sayEffect(object("b", "create", refused))).toBe("");
  });
});
