/** Objects of plans for the tests of the model and of the plan view. */
import type { PlanObject } from "@/contract";

export function aPlanObject(name: string, effect: PlanObject["effect"], more: Partial<PlanObject> = {}): PlanObject {
  return {
    ref: { api_version: "v1", kind: "ConfigMap", namespace: "shop", name },
    node_id: name,
    effect,
    proof: "proven",
    reason: "",
    error: null,
    fields: [],
    field_counts: { acts: 0, bookkeeping: 0, untouched: 0 },
    conflicts: [],
    yielded: [],
    added: { count: 0, fields: [] },
    impact: null,
    adopts: null,
    ...more,
  };
}

export const restarting = (name: string, pods: number | null): PlanObject =>
  aPlanObject(name, "update", {
    ref: { api_version: "apps/v1", kind: "Deployment", namespace: "shop", name },
    impact: { level: "restart", pods, reason: "" },
    fields: [{ path: "spec.template.spec.containers[0].image", before: "a:1", after: "a:2", band: "acts" }],
    field_counts: { acts: 1, bookkeeping: 2, untouched: 7 },
  });
