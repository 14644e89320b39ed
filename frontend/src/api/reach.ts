import type { KeyReader, ObjectRef, Restarted } from "@/contract";
import { api } from "./client";

export interface Reach {
  readers: KeyReader[];
  /** Environments of the namespace that were not looked at. */
  left_out: number;
}

/** Who reads the keys of a ConfigMap's or Secret's node, in all workflows of its namespace. */
export const fetchReach = (workflowId: string, node: string, environment: string, signal?: AbortSignal) =>
  api.get<Reach>(`workflows/${workflowId}/reach`, { node, environment }, signal);
/** Workloads replace their pods, as `kubectl rollout restart` has them do. */
export const restartWorkloads = (environmentId: string, refs: readonly ObjectRef[]) =>
  api.post<{ results: Restarted[] }>(`environments/${environmentId}/restart`, { refs }, { timeoutMs: 60_000 });
