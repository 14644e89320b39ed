import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { fetchDrift, type DriftFilters } from "@/api";
import type { DriftRow } from "@/contract";
import { CUT_OFF_POLL_MS, driftKey } from "@/product";
import { useIsLive, useTopicChanges } from "@/realtime";

/** What drifts in an environment that is not in the list yet is found by asking. */
const POLL_MS = 15_000;
/** The server allows 64 topics a connection, and other parts of the page follow some. */
const MOST_TOPICS = 16;

export function useDrift(filters: DriftFilters) {
  const isLive = useIsLive();
  const query = useInfiniteQuery({
    queryKey: [...driftKey, filters],
    queryFn: ({ pageParam, signal }) => fetchDrift(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? POLL_MS : CUT_OFF_POLL_MS,
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data]);
  useFollowDrift(rows);
  return { query, rows };
}

/** Reads the list again as soon as something changes in an environment that it shows. */
function useFollowDrift(rows: readonly DriftRow[]): void {
  const client = useQueryClient();
  const ids = [...new Set(rows.map((row) => row.environment.id))].slice(0, MOST_TOPICS).sort().join(" ");
  const topics = useMemo(
    () =>
      ids
        .split(" ")
        .filter(Boolean)
        .map((id) => `environment:${id}`),
    [ids],
  );
  useTopicChanges(
    topics,
    useCallback(
      ({ isFresh, values }) => {
        if (!isFresh && [...values.keys()].some((key) => key.startsWith("drift:")))
          void client.invalidateQueries({ queryKey: [...driftKey] });
      },
      [client],
    ),
  );
}
