import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  archiveWorkflow,
  createEnvironment,
  deleteWorkflow,
  fetchWorkflow,
  fetchWorkflows,
  updateWorkflow,
  type NewEnvironment,
  type ObjectChoice,
  type WorkflowChanges,
  type WorkflowFilters,
} from "@/api";
import { workflowKey, workflowsKey } from "./keys";

/** Runs and edits of others show without a reload; quicker while something runs. */
export function useWorkflows(filters: WorkflowFilters) {
  return useInfiniteQuery({
    queryKey: [...workflowsKey, "list", filters],
    queryFn: ({ pageParam, signal }) => fetchWorkflows(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchOnMount: "always", // who comes back from the editor has just changed what the list says
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.results.some(({ last_run }) => last_run && last_run.finished_at === null))
        ? 2_000
        : 20_000,
  });
}

export function useWorkflow(workflowId: string | undefined) {
  return useQuery({
    queryKey: workflowKey(workflowId ?? ""),
    queryFn: ({ signal }) => fetchWorkflow(workflowId ?? "", signal),
    enabled: Boolean(workflowId),
  });
}

/** A mutation after which lists and the workflow itself are read again. */
export function useWorkflowMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: workflowsKey }) });
}

export const useUpdateWorkflow = () =>
  useWorkflowMutation(({ id, ...changes }: { id: string } & WorkflowChanges) => updateWorkflow(id, changes));
export const useArchiveWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) => archiveWorkflow(id, choice));
export const useDeleteWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) => deleteWorkflow(id, choice));
export const useCreateEnvironment = (workflowId: string) =>
  useWorkflowMutation((environment: NewEnvironment) => createEnvironment(workflowId, environment));
