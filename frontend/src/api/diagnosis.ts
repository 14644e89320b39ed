import type { Diagnosis, WorkflowDiagnosis } from "@/contract";
import { api } from "./client";

/** What is wrong now with an object of a cluster, or with all of it that one sees; `kind` as apps/Deployment. */
export const fetchDiagnosis = (
  clusterId: string,
  about: { kind?: string; namespace?: string; name?: string } = {},
  signal?: AbortSignal,
) => api.get<Diagnosis>(`clusters/${clusterId}/diagnosis`, about, signal);
/** What is wrong now in an environment, or with one node there, with the edits that mend it. */
export const fetchWorkflowDiagnosis = (
  workflowId: string,
  environment: string,
  node: string | undefined,
  signal?: AbortSignal,
) => api.get<WorkflowDiagnosis>(`workflows/${workflowId}/diagnosis`, { environment, node }, signal);
