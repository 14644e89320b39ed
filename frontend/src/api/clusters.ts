import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, requestText } from "./client";
import type { Cluster, Page } from "./types";

export const clustersKey = ["clusters"] as const;

export function useClusters() {
  return useQuery({
    queryKey: clustersKey,
    queryFn: ({ signal }) => api.get<Page<Cluster>>("clusters", undefined, signal),
  });
}
export function useNamespaces(clusterId: string | undefined) {
  return useQuery({
    queryKey: [...clustersKey, clusterId, "namespaces"],
    queryFn: ({ signal }) =>
      api.get<Page<string | { name: string }>>(`clusters/${clusterId}/namespaces`, undefined, signal),
    enabled: Boolean(clusterId),
    retry: false,
    select: (page) => page.results.map((each) => (typeof each === "string" ? each : each.name)),
  });
}
export function useConnectCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (cluster: { name: string; kubeconfig: string; context?: string; team?: string }) =>
      api.post<Cluster>("clusters", cluster, { timeoutMs: 45_000 }),
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useRenameCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...changes }: { id: string; name?: string; shared?: boolean; kubeconfig?: string }) =>
      api.patch<Cluster>(`clusters/${id}`, changes),
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useTestCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (clusterId: string) => api.post<Cluster>(`clusters/${clusterId}/test`, {}, { timeoutMs: 45_000 }),
    onSettled: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useDeleteCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (clusterId: string) => api.delete(`clusters/${clusterId}`),
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export const fetchKubeconfig = (clusterId: string): Promise<string> => requestText(`clusters/${clusterId}/kubeconfig`);
