import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { asProblem, startRun } from "@/api";
import type { Plan, PlanMoved, RunKind } from "@/contract";
import { useIdempotencyKey } from "../idempotency";
import { runsKey, workflowsKey } from "../queries/keys";

/** A plan that is made when the dialog opens and whenever `request` changes; never the one of an earlier time. */
export function usePlanOf(request: readonly unknown[], make: () => Promise<Plan>) {
  return useQuery({
    queryKey: ["plans", "preview", ...request],
    queryFn: make,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Runs just what a plan says; refused when that is no longer true. */
export function useRunPlan(kind?: RunKind) {
  const client = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    /** `deletions`: the number that the person has typed, where a plan deletes more than may go unasked. */
    mutationFn: ({ plan, deletions }: { plan: Plan; deletions?: number }) =>
      startRun(plan.workflow.id, {
        environment: plan.environment.id,
        plan: plan.id,
        kind,
        idempotency_key: key.take(),
        confirm_deletions: deletions,
      }),
    onSettled: (_run, error) => {
      key.answered(error ?? undefined);
      return Promise.all([
        client.invalidateQueries({ queryKey: runsKey }),
        client.invalidateQueries({ queryKey: workflowsKey }),
      ]);
    },
  });
}

/** What the server names when it refuses to run a plan that is no longer true. */
export function movedOf(error: unknown): readonly PlanMoved[] {
  const problem = error ? asProblem(error) : null;
  return problem?.code === "plan.moved" ? ((problem.extra.moved as PlanMoved[] | undefined) ?? []) : [];
}
