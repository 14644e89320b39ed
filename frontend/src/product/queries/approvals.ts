import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { fetchApprovals, type ApprovalFilters } from "@/api";
import { useIsLive } from "@/realtime";
import { approvalsKey, CUT_OFF_POLL_MS } from "./keys";

/** Plans that wait for an approval, kept current by the topics of the person's teams (`useTeamFeed`). */
export function useApprovals(filters: ApprovalFilters) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...approvalsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchApprovals(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
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
