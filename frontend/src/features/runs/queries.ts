import { useInfiniteQuery } from "@tanstack/react-query";
import { fetchRuns, type RunFilters } from "@/api";
import { CUT_OFF_POLL_MS, runListsKey } from "@/product";
import { useIsLive } from "@/realtime";

/** Kept current by `useTeamFeed`; polled only while the socket is not connected. */
export function useRuns(filters: RunFilters) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...runListsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchRuns(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}
