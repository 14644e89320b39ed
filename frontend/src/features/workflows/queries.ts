import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  cloneWorkflow,
  createTrigger,
  createWorkflow,
  deleteTrigger,
  fetchOwners,
  fetchTriggers,
  fetchYields,
  importWorkflow,
  releaseVersion,
  stopYielding,
  unarchiveWorkflow,
  updateTrigger,
  type NewTrigger,
  type TriggerChanges,
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

/** How often the card asks what came of its triggers; nobody is told of one that was held. */
const TRIGGERS_POLL_MS = 5_000;
const triggersKey = (environmentId: string) => ["environments", environmentId, "triggers"] as const;

export function useTriggers(environmentId: string) {
  return useQuery({
    queryKey: triggersKey(environmentId),
    queryFn: ({ signal }) => fetchTriggers(environmentId, signal),
    staleTime: 0,
    refetchInterval: (query) => (query.state.data?.results.some(({ enabled }) => enabled) ? TRIGGERS_POLL_MS : false),
  });
}
function useTriggerMutation<Given, Answer>(environmentId: string, mutationFn: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () => client.invalidateQueries({ queryKey: triggersKey(environmentId) }),
  });
}
export const useCreateTrigger = (environmentId: string) =>
  useTriggerMutation(environmentId, (trigger: NewTrigger) => createTrigger(environmentId, trigger));
export const useUpdateTrigger = (environmentId: string) =>
  useTriggerMutation(environmentId, ({ id, ...changes }: { id: string } & TriggerChanges) =>
    updateTrigger(id, changes),
  );
export const useDeleteTrigger = (environmentId: string) => useTriggerMutation(environmentId, deleteTrigger);
