import type { Plan } from "@/contract";
import { api } from "./client";

export interface NewPlan {
  environment: string;
  version?: number;
}

/** A dry run of each object takes as long as the cluster needs. */
const PLAN_TIMEOUT_MS = 60_000;

/** What a run of the saved graph, or of a version, would do. */
export const makePlan = (workflowId: string, plan: NewPlan) =>
  api.post<Plan>(`workflows/${workflowId}/plans`, plan, { timeoutMs: PLAN_TIMEOUT_MS });
/** A plan, and whether it is still true: the cluster is asked anew. */
export const fetchPlan = (planId: string, signal?: AbortSignal) => api.get<Plan>(`plans/${planId}`, undefined, signal);
