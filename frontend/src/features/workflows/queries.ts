import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import {
  cloneWorkflow,
  createTrigger,
  createWorkflow,
  deleteTrigger,
  fetchOwners,
  fetchTriggers,
  fetchWatchableImages,
  importWorkflow,
  releaseVersion,
  unarchiveWorkflow,
  updateTrigger,
  type NewTrigger,
  type TriggerChanges,
} from "@/api";
import { CUT_OFF_POLL_MS, useWorkflowMutation } from "@/product";
import { useIsLive, useTopicChanges, type TopicChanges } from "@/realtime";

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

const triggersKey = (environmentId: string) => ["environments", environmentId, "triggers"] as const;

/** Read again as soon as one is called, fires, or is changed. */
export function useTriggers(environmentId: string) {
  const client = useQueryClient();
  const isLive = useIsLive();
  useTopicChanges(
    useMemo(() => [`environment:${environmentId}`], [environmentId]),
    useCallback(
      ({ isFresh, values }: TopicChanges) => {
        if (isFresh || [...values.keys()].some((key) => key.startsWith("trigger:")))
          void client.invalidateQueries({ queryKey: triggersKey(environmentId) });
      },
      [client, environmentId],
    ),
  );
  return useQuery({
    queryKey: triggersKey(environmentId),
    queryFn: ({ signal }) => fetchTriggers(environmentId, signal),
    staleTime: 0,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}
/** What the saved graph and what is deployed name now; read when it is chosen from, and after each run. */
export function useWatchableImages(environmentId: string, deployedAt?: string) {
  return useQuery({
    queryKey: ["environments", environmentId, "watchable-images", deployedAt ?? ""],
    queryFn: ({ signal }) => fetchWatchableImages(environmentId, signal),
    staleTime: 0,
    gcTime: 0,
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
