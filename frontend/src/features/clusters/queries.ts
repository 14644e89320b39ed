import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  changeShare,
  connectCluster,
  deleteCluster,
  endShare,
  fetchClusterHistory,
  fetchDeprecations,
  fetchShares,
  refreshCluster,
  setPrometheus,
  shareCluster,
  testCluster,
  tryConnection,
  updateCluster,
  type ClusterChanges,
  type NewShare,
  type PrometheusSetting,
  type ShareChange,
} from "@/api";
import { clustersKey } from "@/product";

export function useTryConnection() {
  return useMutation({ mutationFn: tryConnection });
}
export function useConnectCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: connectCluster,
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useUpdateCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...changes }: { id: string } & ClusterChanges) => updateCluster(id, changes),
    onSettled: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useTestCluster() {
  const client = useQueryClient();
  return useMutation({ mutationFn: testCluster, onSettled: () => client.invalidateQueries({ queryKey: clustersKey }) });
}
export function useRefreshCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: refreshCluster,
    onSettled: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
export function useDeleteCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteCluster,
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}

/** How the cluster answered in the last `hours`; looked at anew once a minute, as the server looks. */
export function useClusterHistory(clusterId: string, hours: number) {
  return useQuery({
    queryKey: [...clustersKey, clusterId, "history", hours],
    queryFn: ({ signal }) => fetchClusterHistory(clusterId, hours, signal),
    refetchInterval: 60_000,
  });
}

const LOOKED_AT_MS = 10 * 60_000;

/** Asked when somebody looks, at most every ten minutes: the answer takes the cluster some work. */
export function useDeprecations(clusterId: string) {
  return useQuery({
    queryKey: [...clustersKey, clusterId, "deprecations"],
    queryFn: ({ signal }) => fetchDeprecations(clusterId, signal),
    staleTime: LOOKED_AT_MS,
    refetchOnWindowFocus: false,
    retry: false,
  });
}
export function useSetPrometheus(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: PrometheusSetting) => setPrometheus(clusterId, given),
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}

const sharesKey = (clusterId: string) => [...clustersKey, clusterId, "shares"] as const;

export function useShares(clusterId: string) {
  return useQuery({ queryKey: sharesKey(clusterId), queryFn: ({ signal }) => fetchShares(clusterId, signal) });
}
export function useShareCluster(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (share: NewShare) => shareCluster(clusterId, share),
    onSuccess: (shares) => client.setQueryData(sharesKey(clusterId), shares),
  });
}
export function useChangeShare(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: ShareChange & { id: string }) => changeShare(clusterId, id, change),
    onSuccess: (shares) => client.setQueryData(sharesKey(clusterId), shares),
    onError: () => client.invalidateQueries({ queryKey: sharesKey(clusterId) }),
  });
}
export function useEndShare(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (shareId: string) => endShare(clusterId, shareId),
    onSettled: () => client.invalidateQueries({ queryKey: sharesKey(clusterId) }),
  });
}
