import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fetchKinds, fetchResource, fetchResources, type ResourceAddress, type ResourceFilters } from "@/api";
import { clustersKey } from "@/product";

const insideKey = (clusterId: string) => [...clustersKey, clusterId] as const;
const resourceKey = ({ clusterId, kind, namespace, name }: ResourceAddress) =>
  [...insideKey(clusterId), "resource", kind, namespace, name] as const;

export function useKinds(clusterId: string) {
  return useQuery({
    queryKey: [...insideKey(clusterId), "kinds"],
    queryFn: ({ signal }) => fetchKinds(clusterId, signal),
    staleTime: 60_000,
    select: (page) => page.results,
  });
}

/** A list of objects, read again when the page is looked at again. */
export function useResources(clusterId: string, filters: ResourceFilters) {
  const query = useInfiniteQuery({
    queryKey: [...insideKey(clusterId), "resources", filters],
    queryFn: ({ pageParam, signal }) => fetchResources(clusterId, filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.results) ?? [], [pages]);
  return { query, rows, first: pages?.[0], last: pages?.at(-1) };
}

export function useResource(address: ResourceAddress) {
  return useQuery({
    queryKey: resourceKey(address),
    queryFn: ({ signal }) => fetchResource(address, signal),
    refetchInterval: 10_000,
    retry: false,
  });
}
