import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  askAgain,
  fetchApprovals,
  fetchDecisions,
  withdrawPlan,
  type ApprovalFilters,
  type DecisionFilters,
} from "@/api";
import type { Plan } from "@/contract";
import { standingIn } from "@/model/approvals";
import { useIsLive } from "@/realtime";
import { approvalsKey, CUT_OFF_POLL_MS } from "./keys";

/** Plans that wait for an approval or have one, kept current by the topics of the person's teams (`useTeamFeed`). */
export function useApprovals(filters: ApprovalFilters, { enabled = true } = {}) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...approvalsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchApprovals(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
    enabled,
  });
}

/** What was decided about plans, kept current as the plans are. */
export function useDecisions(filters: DecisionFilters, { enabled = true } = {}) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...approvalsKey, "decisions", filters],
    queryFn: ({ pageParam, signal }) => fetchDecisions(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
    enabled,
  });
}

/** What stands in a protected environment: what may run, what waits, what was refused. Null while it is not known. */
export function useAskedPlans(environment: { readonly id: string; readonly protected: boolean } | undefined) {
  const isLive = useIsLive();
  const { data } = useQuery({
    queryKey: [...approvalsKey, "of", environment?.id ?? ""],
    queryFn: ({ signal }) => fetchApprovals({ state: "all", environment: environment?.id }, null, signal),
    enabled: environment?.protected ?? false,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
  return useMemo(() => (data && environment?.protected ? standingIn(data.results) : null), [data, environment]);
}

/** Withdraws a plan of the person, or asks for its approval again. */
export function useWithdraw(onDone?: (plan: Plan) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, again = false }: { id: string; again?: boolean }) => (again ? askAgain(id) : withdrawPlan(id)),
    onSuccess: (plan) => {
      onDone?.(plan);
      return client.invalidateQueries({ queryKey: approvalsKey });
    },
  });
}

/** Of one page. */
const COUNTED = 100;

/** How many plans the person is to decide about: "3", "100+"; "" for none, and while it is not known. */
export function useApprovalCount(): string {
  const isLive = useIsLive();
  const { data } = useQuery({
    queryKey: [...approvalsKey, "count"],
    queryFn: ({ signal }) => fetchApprovals({ for_me: 1, limit: COUNTED }, null, signal),
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
  if (!data || data.results.length === 0) return "";
  return `${data.results.length}${data.next === null ? "" : "+"}`;
}
