import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  cloneWorkflow,
  createWorkflow,
  fetchOwners,
  fetchYields,
  importWorkflow,
  releaseVersion,
  stopYielding,
  unarchiveWorkflow,
} from "@/api";
import { useWorkflowMutation } from "@/product";

export const useCreateWorkflow = () => useWorkflowMutation(createWorkflow);
export const useImportWorkflow = () => useWorkflowMutation(importWorkflow);
export const useCloneWorkflow = () =>
  useWorkflowMutation(({ id, name }: { id: string; name: string }) => cloneWorkflow(id, name));
export const useUnarchiveWorkflow = () => useWorkflowMutation(unarchiveWorkflow);

export const useReleaseVersion = (environmentId: string) =>
  useWorkflowMutation((version: number) => releaseVersion(environmentId, version));

/** Asked of the cluster each time the page is opened. */
export function useOwners(environmentId: string) {
  return useQuery({
    queryKey: ["environments", environmentId, "owners"],
    queryFn: ({ signal }) => fetchOwners(environmentId, undefined, signal),
    staleTime: 0,
    gcTime: 0,
  });
}

const yieldsKey = (environmentId: string) => ["environments", environmentId, "yields"] as const;

export function useYields(environmentId: string) {
  return useQuery({
    queryKey: yieldsKey(environmentId),
    queryFn: ({ signal }) => fetchYields(environmentId, signal),
    staleTime: 0,
  });
}
export function useStopYielding(environmentId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (yieldId: string) => stopYielding(environmentId, yieldId),
    onSettled: () => client.invalidateQueries({ queryKey: yieldsKey(environmentId) }),
  });
}
