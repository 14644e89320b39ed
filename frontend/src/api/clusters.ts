import type {
  Cluster,
  ClusterAccount,
  ClusterHistory,
  ClusterLogEntry,
  ConnectionTest,
  Credentials,
  Deprecations,
  Page,
  Share,
  ShareEnded,
  ShareRole,
} from "@/contract";
import { api, everyPage, request } from "./client";

/** The server connects to the cluster before it answers. */
const CLUSTER_TIMEOUT_MS = 45_000;

/** Credentials as they are given: a kubeconfig, or those of another way. Never read back. */
export interface GivenCredentials {
  kubeconfig?: string;
  context?: string;
  /** Also accept a kubeconfig that turns certificate checks off. */
  insecure?: boolean;
  credentials?: Credentials;
}
export interface NewCluster extends GivenCredentials {
  name: string;
  team?: string;
}
export interface ClusterChanges extends GivenCredentials {
  name?: string;
  /** True: every team may use it. */
  shared?: boolean;
  labels?: Record<string, string>;
  is_default?: boolean;
}
/** Where its Prometheus server is, and by which labels that knows the cluster. */
export interface PrometheusSetting {
  prometheus: string;
  labels: string;
}
export interface ShareChange {
  role: ShareRole;
  namespaces: readonly string[] | null;
}
export interface NewShare {
  team?: string;
  person?: string;
  role: ShareRole;
  /** Null: those of the team's own environments. */
  namespaces: string[] | null;
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

/** Tries credentials; nothing is stored. `cluster` is one whose credentials they are to replace. */
export const tryConnection = (given: GivenCredentials & { team?: string; cluster?: string }) =>
  api.post<ConnectionTest>("clusters/tests", given, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const fetchConnectWays = (signal?: AbortSignal) =>
  api.get<{ in_cluster: boolean }>("clusters/ways", undefined, signal);
/** YAML of a service account, for some namespaces or the whole cluster, and the commands that give its token. */
export const fetchServiceAccount = (asked: { namespaces: string; sharing: boolean }, signal?: AbortSignal) =>
  api.get<ClusterAccount>(
    "clusters/service-account",
    { namespaces: asked.namespaces, sharing: asked.sharing ? "true" : "" },
    signal,
  );
export const refreshCluster = (clusterId: string) =>
  api.post<Cluster>(`clusters/${clusterId}/refresh`, {}, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const fetchClusterHistory = (clusterId: string, hours: number, signal?: AbortSignal) =>
  api.get<ClusterHistory>(`clusters/${clusterId}/history`, { hours }, signal);
export const fetchClusterLog = (clusterId: string, cursor: string, signal?: AbortSignal) =>
  api.get<Page<ClusterLogEntry>>(`clusters/${clusterId}/log`, { limit: 20, cursor }, signal);
export const fetchDeprecations = (clusterId: string, signal?: AbortSignal) =>
  api.get<Deprecations>(`clusters/${clusterId}/deprecations`, undefined, signal);
/** It is asked before it is stored; "" for none. */
export const setPrometheus = (clusterId: string, given: PrometheusSetting) =>
  api.put<Cluster>(`clusters/${clusterId}/prometheus`, given, { timeoutMs: CLUSTER_TIMEOUT_MS });
export const fetchShares = (clusterId: string, signal?: AbortSignal) =>
  api.get<Page<Share>>(`clusters/${clusterId}/shares`, undefined, signal);
export const shareCluster = (clusterId: string, share: NewShare) =>
  api.post<Page<Share>>(`clusters/${clusterId}/shares`, share, { timeoutMs: CLUSTER_TIMEOUT_MS });
/** Share with the same ones otherwise; it is another share from then on. */
export const changeShare = (clusterId: string, shareId: string, change: ShareChange) =>
  request<Page<Share>>("PATCH", `clusters/${clusterId}/shares/${shareId}`, {
    body: change,
    timeoutMs: CLUSTER_TIMEOUT_MS,
  });
export const endShare = (clusterId: string, shareId: string) =>
  request<ShareEnded>("DELETE", `clusters/${clusterId}/shares/${shareId}`, { timeoutMs: CLUSTER_TIMEOUT_MS });
