import type { Plan } from "@/contract";
import { api } from "./client";

export interface NewPlan {
  environment: string;
  version?: number;
}

/** What a run of the saved graph would do. Takes as long as the cluster needs for a dry run of each object. */
export const makePlan = (workflowId: string, plan: NewPlan) => api.post<Plan>(`workflows/${workflowId}/plans`, plan);
