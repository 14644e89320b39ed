import { useMutation, useQueryClient } from "@tanstack/react-query";
import { connectCluster, deleteCluster, testCluster, updateCluster, type ClusterChanges } from "@/api";
import { clustersKey } from "@/product";

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
export function useDeleteCluster() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteCluster,
    onSuccess: () => client.invalidateQueries({ queryKey: clustersKey }),
  });
}
