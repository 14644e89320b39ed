/** Words and order of a plan: what a run would do, the most dangerous first. */
import type { Plan, PlanEffect, PlanObject } from "@/contract";
import { plural } from "./words";

export type PlanTone = "ok" | "busy" | "warn" | "bad" | "idle";

interface EffectLook {
  readonly word: string;
  readonly tone: PlanTone;
  readonly mark: string;
}

export const EFFECTS: Readonly<Record<PlanEffect, EffectLook>> = {
  conflict: { word: "conflict", tone: "bad", mark: "!" },
  delete: { word: "delete", tone: "bad", mark: "−" },
  recreate: { word: "recreate", tone: "warn", mark: "±" },
  update: { word: "update", tone: "busy", mark: "~" },
  create: { word: "create", tone: "ok", mark: "+" },
  keep: { word: "keep", tone: "idle", mark: "=" },
  unchanged: { word: "unchanged", tone: "idle", mark: "=" },
};
const ORDER = Object.keys(EFFECTS) as PlanEffect[];

/** How much there is of each effect, the most dangerous first. */
export function planParts(counts: Plan["counts"]): { word: string; count: number; tone: PlanTone }[] {
  return ORDER.map((effect) => ({ ...EFFECTS[effect], count: counts[effect] }));
}

/** "1 delete · 2 update"; what stays as it is does not count. */
export function sayPlan(counts: Plan["counts"]): string {
  const said = planParts(counts).filter(({ word, count }) => count > 0 && word !== "unchanged" && word !== "keep");
  if (said.length === 0) return "Nothing would change.";
  return `${said.map(({ word, count }) => `${count} ${word}`).join(" · ")}.`;
}

/** What acts, in the order of danger; what stays, apart. */
export function planGroups(objects: readonly PlanObject[]): {
  acting: readonly PlanObject[];
  staying: readonly PlanObject[];
} {
  const stays = ({ effect }: PlanObject): boolean => effect === "unchanged" || effect === "keep";
  return {
    acting: objects
      .filter((object) => !stays(object))
      .toSorted((a, b) => ORDER.indexOf(a.effect) - ORDER.indexOf(b.effect)),
    staying: objects.filter(stays),
  };
}

const IMPACT: Readonly<Record<NonNullable<PlanObject["impact"]>["level"], string>> = {
  none: "",
  in_place: "Changed in place",
  restart: "Restarts pods",
  recreate: "Deleted and created again",
  downtime: "Downtime",
  data: "Data is lost",
  unknown: "What it does to the pods is not known",
};

/** "Restarts 3 pods"; empty where nothing is felt. */
export function sayImpact(impact: PlanObject["impact"]): string {
  if (!impact || impact.level === "none") return "";
  if (impact.level === "restart" && impact.pods !== null) return `Restarts ${plural(impact.pods, "pod")}`;
  return IMPACT[impact.level];
}

/** Why a run of it would fail or is not offered; null when it can be run. */
export function planHindrance(plan: Pick<Plan, "counts" | "objects" | "still_true">): string | null {
  if (!plan.still_true) return "The cluster has changed since. Plan again.";
  if (plan.counts.conflict > 0)
    return "Other managers hold fields of it. Take them over in a run, or change the workflow.";
  if (plan.objects.some((object) => object.error)) return "The cluster would refuse an object. Change the workflow.";
  return null;
}
