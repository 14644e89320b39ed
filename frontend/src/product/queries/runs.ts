import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { cancelRun, fetchRun, fetchRunLogs, retryRun, startRun, type ConfirmedDeletions } from "@/api";
import type { Run } from "@/contract";
import { useIdempotencyKey } from "../idempotency";
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
/** `ask` puts the question before deletions (see `useDeletionsQuestion`); null comes back after a no. */
type Ask = <T>(start: (confirmed?: ConfirmedDeletions) => Promise<T>) => Promise<T | null>;

export function useRetryRun(ask: Ask) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => ask((confirmed) => retryRun(runId, confirmed)),
    onSuccess: () => readAgain(client),
  });
}

/**
 * Runs again in the same environment, the current graph or what a rollback was to return to, and takes over the fields
 * of other managers.
 */
export function useTakeOver(run: Run, ask: Ask) {
  const client = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: async ({ before }: { before?: () => Promise<unknown> } = {}) => {
      await before?.();
      return ask(async (confirmed) => {
        try {
          const next = await startRun(run.workflow.id, {
            environment: run.environment.id,
            idempotency_key: key.take(),
            take_over: true,
            ...(run.kind === "rollback" ? { kind: run.kind, to_run: run.to_run?.id } : {}),
            ...confirmed,
          });
          key.answered();
          return next;
        } catch (error) {
          key.answered(error);
          throw error;
        }
      });
    },
    onSuccess: () => readAgain(client),
  });
}
