import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { asProblem, cancelRun, fetchRun, fetchRunLogs, newKey, retryRun, startRun, type NewRun } from "@/api";
import type { Run } from "@/contract";
import { runKey, runsKey, workflowsKey } from "./keys";

export function useRun(runId: string) {
  return useQuery({
    queryKey: runKey(runId),
    queryFn: ({ signal }) => fetchRun(runId, signal),
    enabled: Boolean(runId),
  });
}

export function useRunLogs(runId: string) {
  return useInfiniteQuery({
    queryKey: [...runKey(runId), "logs"],
    queryFn: ({ pageParam, signal }) => fetchRunLogs(runId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}

const readAgain = (client: QueryClient) =>
  Promise.all([client.invalidateQueries({ queryKey: runsKey }), client.invalidateQueries({ queryKey: workflowsKey })]);

export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({ mutationFn: cancelRun, onSettled: () => readAgain(client) });
}
export function useRetryRun() {
  const client = useQueryClient();
  return useMutation({ mutationFn: retryRun, onSuccess: () => readAgain(client) });
}

/** Runs what is drawn once more in the same place, and takes over the fields that others manage. */
export function useTakeOver(run: Run | undefined) {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  return useMutation({
    mutationFn: async ({ before }: { before?: () => Promise<unknown> } = {}) => {
      if (!run) throw new Error("There is no run to go on from.");
      await before?.();
      key.current ??= newKey();
      const wanted: NewRun = { environment: run.environment.id, idempotency_key: key.current, take_over: true };
      return startRun(run.workflow.id, wanted);
    },
    onSuccess: () => {
      key.current = null;
      return readAgain(client);
    },
    onError: (error) => {
      // Not answered: the run may stand. The same key next time gives that run instead of a second.
      if (asProblem(error).status !== 0) key.current = null;
    },
  });
}
