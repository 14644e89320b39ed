import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, newKey } from "./client";
import { asProblem } from "./problem";
import type { LogLine, Page, Run, RunWithSteps, RunKind, RunState, Step } from "./types";
import { workflowsKey } from "./workflows";

export const runsKey = ["runs"] as const;
export const runKey = (runId: string) => [...runsKey, "one", runId] as const;

export interface RunFilters {
  state?: RunState;
  workflow?: string;
  environment?: string;
  sort?: string;
}

/** Quicker while something runs. */
export function useRuns(filters: RunFilters) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", filters],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Run>>("runs", { ...filters, cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchOnMount: "always",
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.results.some((run) => run.finished_at === null)) ? 1_500 : 10_000,
  });
}
export function useRun(runId: string | undefined) {
  return useQuery({
    queryKey: runKey(runId ?? ""),
    queryFn: ({ signal }) => api.get<RunWithSteps>(`runs/${runId}`, undefined, signal),
    enabled: Boolean(runId),
  });
}
export function useRunLogs(runId: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: [...runKey(runId), "logs"],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<LogLine>>(`runs/${runId}/logs`, { cursor: pageParam, limit: 100 }, signal),
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
  /** Sets what is drawn also where others manage a field; for this run only. */
  take_over?: boolean;
}
const readAgain = (client: QueryClient) =>
  Promise.all([client.invalidateQueries({ queryKey: runsKey }), client.invalidateQueries({ queryKey: workflowsKey })]);

export function useStartRun(workflowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (run: NewRun) => api.post<Run>(`workflows/${workflowId}/runs`, run),
    onSuccess: () => readAgain(client),
  });
}
export function useCancelRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => api.post<Run>(`runs/${runId}/cancel`),
    onSettled: () => readAgain(client),
  });
}
export function useRetryRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (runId: string) => api.post<Run>(`runs/${runId}/retry`),
    onSuccess: () => readAgain(client),
  });
}

/** The code of an object's failure when somebody else manages a field that the run sets. */
export const FIELD_CONFLICT = "cluster.field_conflict";

export interface HeldFields {
  /** "Deployment web" */
  readonly object: string;
  readonly nodeId: string | null;
  /** Empty where the server names nobody. */
  readonly by: readonly { readonly manager: string; readonly paths: readonly string[] }[];
}

/** What stopped a run at fields of others; nothing for a run that failed otherwise, or may still get there. */
export function heldFields(
  run: Pick<Run, "kind" | "state">,
  steps: readonly Pick<Step, "node_id" | "ref" | "error">[],
): HeldFields[] {
  if (run.state !== "failed" || run.kind !== "apply") return [];
  return steps
    .filter((step) => step.error?.code === FIELD_CONFLICT)
    .map((step) => ({
      object: `${step.ref.kind} ${step.ref.name}`,
      nodeId: step.node_id,
      by: step.error?.owners ?? [],
    }));
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
      return api.post<Run>(`workflows/${run.workflow.id}/runs`, wanted);
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
