import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  deleteNamespaceSet,
  fetchMarks,
  fetchNamespaceSets,
  saveMark,
  saveNamespaceSet,
  type MarkValues,
  type ResourceAddress,
} from "@/api";
import type { Mark, NamespaceSet, Page } from "@/contract";
import { insideKey } from "./queries";

const setsKey = (clusterId: string) => [...insideKey(clusterId), "namespace-sets"] as const;
const marksKey = (clusterId: string) => [...insideKey(clusterId), "marks"] as const;

/** One's own named sets of namespaces. */
export function useNamespaceSets(clusterId: string) {
  return useQuery({
    queryKey: setsKey(clusterId),
    queryFn: ({ signal }) => fetchNamespaceSets(clusterId, signal),
    select: (page) => page.results,
  });
}
export function useSaveNamespaceSet(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (set: { name: string; namespaces: readonly string[] }) => saveNamespaceSet(clusterId, set),
    onSuccess: () => client.invalidateQueries({ queryKey: setsKey(clusterId) }),
  });
}
export function useDeleteNamespaceSet(clusterId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (set: NamespaceSet) => deleteNamespaceSet(clusterId, set.id),
    onSettled: () => client.invalidateQueries({ queryKey: setsKey(clusterId) }),
  });
}

/** All that one has noted in the cluster: a few hundred rows at most. */
export function useMarks(clusterId: string) {
  return useQuery({ queryKey: marksKey(clusterId), queryFn: ({ signal }) => fetchMarks(clusterId, signal) });
}
/** What one has noted of an object; nothing while that is not known yet. */
export function useMark({ clusterId, kind, namespace, name }: ResourceAddress) {
  const { data, isPending } = useMarks(clusterId);
  const found = data?.results.find((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  return { mark: found, isPending };
}
export function useSaveMark(address: ResourceAddress) {
  const client = useQueryClient();
  const key = marksKey(address.clusterId);
  return useMutation({
    mutationFn: (values: MarkValues) => saveMark(address, values),
    onSuccess: (saved) =>
      client.setQueryData<Page<Mark>>(key, (page) => {
        if (!page) return page;
        const others = page.results.filter((one) => !isSame(one, saved));
        return { ...page, results: saved.updated_at ? [saved, ...others] : others };
      }),
  });
}

const isSame = (a: Mark, b: Mark): boolean => a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
