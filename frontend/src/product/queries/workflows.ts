import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  archiveWorkflow,
  deleteWorkflow,
  fetchWorkflow,
  fetchWorkflows,
  updateWorkflow,
  type ObjectChoice,
  type WorkflowChanges,
  type WorkflowFilters,
} from "@/api";
import { useIsLive } from "@/realtime";
import { CUT_OFF_POLL_MS, workflowKey, workflowListsKey, workflowsKey } from "./keys";

/** Kept current by `useTeamFeed`. */
export function useWorkflows(filters: WorkflowFilters) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...workflowListsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchWorkflows(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}

/** Kept current by `useTeamFeed`. */
export function useWorkflow(workflowId: string | undefined) {
  return useQuery({
    queryKey: workflowKey(workflowId ?? ""),
    queryFn: ({ signal }) => fetchWorkflow(workflowId ?? "", signal),
    enabled: Boolean(workflowId),
  });
}

/** A mutation after which lists and the workflow itself are fetched again; also when it was refused: why may be there. */
export function useWorkflowMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: workflowsKey }) });
}

export const useUpdateWorkflow = () =>
  useWorkflowMutation(({ id, ...changes }: { id: string } & WorkflowChanges) => updateWorkflow(id, changes));
export const useArchiveWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) => archiveWorkflow(id, choice));
export const useDeleteWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) => deleteWorkflow(id, choice));
