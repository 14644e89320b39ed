import { useInfiniteQuery } from "@tanstack/react-query";
import { fetchRuns, type RunFilters } from "@/api";
import { runsKey } from "@/product";

/** Quicker while something runs. */
export function useRuns(filters: RunFilters) {
  return useInfiniteQuery({
    queryKey: [...runsKey, "list", filters],
    queryFn: ({ pageParam, signal }) => fetchRuns(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchOnMount: "always",
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.results.some((run) => run.finished_at === null)) ? 1_500 : 10_000,
  });
}
