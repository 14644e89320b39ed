import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  actOnResource,
  asProblem,
  editResource,
  fetchKinds,
  fetchObjectHistory,
  fetchRelations,
  fetchResource,
  fetchResourceEvents,
  fetchResources,
  fetchResourceYaml,
  fetchSpaces,
  fetchWhyNotGone,
  type ResourceAction,
  type ResourceAddress,
  type ResourceEdit,
  type ResourceFilters,
} from "@/api";
import { clustersKey, resourceKey } from "@/product";

export const insideKey = (clusterId: string) => [...clustersKey, clusterId] as const;

export function useKinds(clusterId: string) {
  return useQuery({
    queryKey: [...insideKey(clusterId), "kinds"],
    queryFn: ({ signal }) => fetchKinds(clusterId, signal),
    staleTime: 60_000,
    select: (page) => page.results,
  });
}

/** A list of objects, read again when the page is looked at again, and kept as it changes (`useLiveRows`). */
export function useResources(clusterId: string, filters: ResourceFilters) {
  const queryKey = [...insideKey(clusterId), "resources", filters];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchResources(clusterId, filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: true,
  });
  const pages = query.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.results) ?? [], [pages]);
  return { query, queryKey, rows, first: pages?.[0], last: pages?.at(-1) };
}

export function useResource(address: ResourceAddress) {
  return useQuery({
    queryKey: resourceKey(address),
    queryFn: ({ signal }) => fetchResource(address, signal),
    // What is not there may come; that is asked for by Retry, not for ever.
    refetchInterval: ({ state }) => (state.error && asProblem(state.error).status === 404 ? false : 10_000),
    retry: false,
  });
}

/** The YAML as it is edited; it stays as it was read until it is asked for again. */
export function useResourceYaml(address: ResourceAddress) {
  return useQuery({
    queryKey: [...resourceKey(address), "yaml"],
    queryFn: ({ signal }) => fetchResourceYaml(address, signal),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export function useResourceEvents(address: ResourceAddress) {
  return useQuery({
    queryKey: [...resourceKey(address), "events"],
    queryFn: ({ signal }) => fetchResourceEvents(address, signal),
    refetchInterval: 10_000,
  });
}

export function useObjectHistory(address: ResourceAddress) {
  return useQuery({
    queryKey: [...resourceKey(address), "history"],
    queryFn: ({ signal }) => fetchObjectHistory(address, signal),
    refetchInterval: 10_000,
  });
}

export function useRelations(address: ResourceAddress, { everything }: { everything: boolean }) {
  return useQuery({
    queryKey: [...resourceKey(address), "relations", everything],
    queryFn: ({ signal }) => fetchRelations(address, everything, signal),
  });
}

export function useWhyNotGone(address: ResourceAddress) {
  return useQuery({
    queryKey: [...resourceKey(address), "deletion"],
    queryFn: ({ signal }) => fetchWhyNotGone(address, signal),
    refetchInterval: 10_000,
  });
}

export function useSpaces(clusterId: string) {
  return useQuery({
    queryKey: [...insideKey(clusterId), "spaces"],
    queryFn: ({ signal }) => fetchSpaces(clusterId, signal),
    refetchOnWindowFocus: true,
  });
}

export function useEditResource(address: ResourceAddress) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (edit: ResourceEdit) => editResource(address, edit),
    onSuccess: (edited) => edited.written && client.invalidateQueries({ queryKey: resourceKey(address) }),
  });
}

export function useActOnResource(address: ResourceAddress) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (action: ResourceAction) => actOnResource(address, action),
    onSuccess: () => client.invalidateQueries({ queryKey: insideKey(address.clusterId) }),
  });
}
