import type {
  AskedPlan,
  PlanDecision,
  Fit,
  Page,
  Plan,
  PlanChoice,
  PlannedWhole,
  PlanObject,
  Preflight,
} from "@/contract";
import { api } from "./client";

export interface NewPlan {
  environment: string;
  /** Without it: the saved graph. */
  version?: number;
  /** A rollback to what this run applied. */
  to_run?: string;
  /** "rollback" without `to_run`: to the newest run that succeeded before what is there now. */
  kind?: "apply" | "rollback";
  /** Also sets fields of our objects that others manage. */
  take_over?: boolean;
  /** Takes over drawn objects that are there already and belong to no environment. */
  adopt?: boolean;
  delete_volumes?: boolean;
  /** What becomes of fields that others manage; decided when a run of the plan is started. */
  choices?: readonly PlanChoice[];
}

/** A dry run of each object takes as long as the cluster needs. */
const PLAN_TIMEOUT_MS = 60_000;

/** What a run of the saved graph, or of a version, would do. */
export const makePlan = (workflowId: string, plan: NewPlan) =>
  api.post<Plan>(`workflows/${workflowId}/plans`, plan, { timeoutMs: PLAN_TIMEOUT_MS });
/** Lets a plan run in its protected environment; somebody else than who made it has to. */
export const approvePlan = (planId: string) => api.post<Plan>(`plans/${planId}/approve`);
export const refusePlan = (planId: string, reason: string) => api.post<Plan>(`plans/${planId}/refuse`, { reason });

/** Has a plan of one's own wait for nobody any more, also once it was approved. */
export const withdrawPlan = (planId: string) => api.post<Plan>(`plans/${planId}/withdraw`, {});
/** Puts a plan that was withdrawn before the approvers again. */
export const askAgain = (planId: string) => api.post<Plan>(`plans/${planId}/ask`);

interface Filters {
  /** In the names of workflow, environment and who made the plan. */
  q?: string;
  team?: string;
  environment?: string;
  /** Only plans that the person made. */
  mine?: 1;
  sort?: string;
  limit?: number;
}

export interface ApprovalFilters extends Filters {
  /** Those that wait (without one); those that are approved and were not run; all that wait or were decided about. */
  state?: "waiting" | "approved" | "all";
  /** Only those that the person may decide about. */
  for_me?: 1;
}

export interface DecisionFilters extends Filters {
  state?: PlanDecision["state"];
}

/** Plans in protected environments of the person's teams that wait for an approval or have one. */
export const fetchApprovals = (filters: ApprovalFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<AskedPlan>>("approvals", { limit: 50, ...filters, cursor }, signal);
/** What was decided about plans of the person's teams. */
export const fetchDecisions = (filters: DecisionFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<PlanDecision>>("approvals/decisions", { limit: 50, ...filters, cursor }, signal);
/** Whether the cluster's credentials may do all that a run of the saved graph needs. */
export const askPreflight = (environmentId: string) =>
  api.post<Preflight>(`environments/${environmentId}/preflight`, {}, { timeoutMs: PLAN_TIMEOUT_MS });
/** Give the environment the smallest roles of its own, and have it planned and run by them. */
export const giveOwnRoles = (environmentId: string) =>
  api.post<Preflight>(`environments/${environmentId}/roles`, {}, { timeoutMs: PLAN_TIMEOUT_MS });
/** Back to the cluster's credentials. */
export const removeOwnRoles = (environmentId: string) => api.delete(`environments/${environmentId}/roles`);
/** What of the saved graph would break on each cluster that the team may use. */
export const askFits = (workflowId: string) =>
  api.post<{ results: Fit[] }>(`workflows/${workflowId}/fits`, {}, { timeoutMs: PLAN_TIMEOUT_MS });
/** One object of a plan with all its fields, and whole. */
export const fetchPlanObject = (planId: string, ref: PlanObject["ref"], signal?: AbortSignal) =>
  api.get<PlannedWhole>(`plans/${planId}/object`, { ...ref, namespace: ref.namespace ?? "" }, signal);
/** A plan, and whether it is still true: the cluster is asked anew. */
export const fetchPlan = (planId: string, signal?: AbortSignal) => api.get<Plan>(`plans/${planId}`, undefined, signal);
