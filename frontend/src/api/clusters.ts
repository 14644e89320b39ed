import type { Cluster, Page } from "@/contract";
import { api, requestText } from "./client";

/** The server connects to the cluster before it answers. */
const CLUSTER_TIMEOUT_MS = 45_000;

export interface NewCluster {
  name: string;
  kubeconfig: string;
  context?: string;
  team?: string;
}
export const fetchClusters = (signal?: AbortSignal) => api.get<Page<Cluster>>("clusters", undefined, signal);
export const fetchNamespaces = (clusterId: string, signal?: AbortSignal) =>
  api.get<Page<string | { name: string }>>(`clusters/${clusterId}/namespaces`, undefined, signal);
export const fetchKubeconfig = (clusterId: string): Promise<string> => requestText(`clusters/${clusterId}/kubeconfig`);
export const connectCluster = (cluster: NewCluster) =>
  api.post<Cluster>("clusters", cluster, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const testCluster = (clusterId: string) =>
  api.post<Cluster>(`clusters/${clusterId}/test`, {}, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const deleteCluster = (clusterId: string) => api.delete(`clusters/${clusterId}`);
