import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type { LogLine, Page, Run, RunWithSteps, RunKind, RunState } from "./types";
import { workflowsKey } from "./workflows";

export const runsKey = ["runs"] as const;
export const runKey = (runId: string) => [...runsKey, "one", runId] as const;

export interface RunFilters {
  state?: RunState;
  workflow?: string;
  environment?: string;
  sort?: string;
}

export function useRuns(filters: RunFilters, options: { enabled?: boolean; refetchInterval?: number } = {}) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", filters],
    queryFn: ({ pageParam, signal }) => api.get<Page<Run>>("runs", { ...filters, cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    ...options,
  });
}
export function useRun(runId: string | undefined) {
  return useQuery({ queryKey: runKey(runId ?? ""), queryFn: ({ signal }) => api.get<RunWithSteps>(`runs/${runId}`, undefined, signal), enabled: Boolean(runId) });
}
export function useRunLogs(runId: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: [...runKey(runId), "logs"],
    queryFn: ({ pageParam, signal }) => api.get<Page<LogLine>>(`runs/${runId}/logs`, { cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
  });
}

export interface NewRun {
  environment: string;
  /** Made once per press of the button: the same key is the same run. */
  idempotency_key: string;
  kind?: RunKind;
  secrets?: Record<string, Record<string, string>>;
  keep_secrets?: boolean;
  when_busy?: "wait" | "refuse";
  delete_volumes?: boolean;
}
const readAgain = (client: QueryClient) => Promise.all([client.invalidateQueries({ queryKey: runsKey }), client.invalidateQueries({ queryKey: workflowsKey })]);

export function useStartRun(workflowId: string) {
  const client = useQueryClient();
  return useMutation({ mutationFn: (run: NewRun) => api.post<Run>(`workflows/${workflowId}/runs`, run), onSuccess: () => readAgain(client) });
}
export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (runId: string) => api.post<Run>(`runs/${runId}/cancel`), onSettled: () => readAgain(client) });
}
export function useRetryRun() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (runId: string) => api.post<Run>(`runs/${runId}/retry`), onSuccess: () => readAgain(client) });
}
