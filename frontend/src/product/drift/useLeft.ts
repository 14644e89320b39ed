import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { fetchOwners, fetchYields, stopYielding } from "@/api";
import { driftKey, leftKey } from "./keys";

/** The fields that the environment leaves to others, as it was decided; no cluster is asked. */
export function useYields(environmentId: string | null) {
  return useQuery({
    queryKey: [...leftKey, environmentId],
    queryFn: ({ signal }) => fetchYields(environmentId ?? "", signal),
    enabled: environmentId !== null,
  });
}

/** Who owns the fields of a node's objects, and those that are left to others with their values; asks the cluster. */
export function useNodeOwners(environmentId: string | null, nodeId: string, enabled: boolean) {
  return useQuery({
    queryKey: [...leftKey, environmentId, "owners", nodeId],
    queryFn: ({ signal }) => fetchOwners(environmentId ?? "", nodeId, signal),
    enabled: enabled && environmentId !== null,
    staleTime: 15_000,
    retry: false,
  });
}

/** Of one node: what is left to others of it, with the values where the cluster has said them. */
export function useLeftOf(environmentId: string | null, nodeId: string) {
  const yields = useYields(environmentId);
  const rows = yields.data?.results.filter((row) => row.node_id === nodeId) ?? [];
  const owners = useNodeOwners(environmentId, nodeId, rows.length > 0);
  const known = new Map(owners.data?.yielded.map((one) => [one.id, one]));
  return rows.map((row) => ({ row, seen: known.get(row.id) ?? null }));
}

export type LeftOfNode = ReturnType<typeof useLeftOf>[number];

/** The field is applied again, from the next run on. */
export function useTakeBack(environmentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (yieldId: string) => stopYielding(environmentId, yieldId),
    onSettled: () =>
      Promise.all([driftKey, leftKey].map((queryKey) => client.invalidateQueries({ queryKey: [...queryKey] }))),
  });
}
