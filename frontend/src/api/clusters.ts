import type { Cluster, Page } from "@/contract";
import { api, everyPage, request } from "./client";

/** The server connects to the cluster before it answers. */
const CLUSTER_TIMEOUT_MS = 45_000;

/** Credentials as they are given; never read back. */
export interface GivenCredentials {
  kubeconfig: string;
  context?: string;
  /** Also accept a kubeconfig that turns certificate checks off. */
  insecure?: boolean;
}
export interface NewCluster extends GivenCredentials {
  name: string;
  team?: string;
}
export interface ClusterChanges extends Partial<GivenCredentials> {
  name?: string;
  /** True: every team may use it. */
  shared?: boolean;
}
export const fetchClusters = (signal?: AbortSignal) => everyPage<Cluster>("clusters", signal);
export const fetchNamespaces = (clusterId: string, signal?: AbortSignal) =>
  api.get<Page<string | { name: string }>>(`clusters/${clusterId}/namespaces`, undefined, signal);
export const fetchKubeconfig = async (clusterId: string): Promise<string> =>
  (await api.get<{ kubeconfig: string }>(`clusters/${clusterId}/kubeconfig`)).kubeconfig;
export const connectCluster = (cluster: NewCluster) =>
  api.post<Cluster>("clusters", cluster, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const updateCluster = (clusterId: string, changes: ClusterChanges) =>
  request<Cluster>("PATCH", `clusters/${clusterId}`, { body: changes, timeoutMs: CLUSTER_TIMEOUT_MS });
export const testCluster = (clusterId: string) =>
  api.post<Cluster>(`clusters/${clusterId}/test`, {}, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const deleteCluster = (clusterId: string) => api.delete(`clusters/${clusterId}`);
