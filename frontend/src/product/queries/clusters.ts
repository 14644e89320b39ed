import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fetchClusters, fetchNamespaces } from "@/api";
import type { Cluster } from "@/contract";
import { byPlace, mergeClusters } from "@/model/clusters";
import { useLiveTopic, useTopic } from "@/realtime";
import { clustersKey } from "./keys";

/** Clusters as the server lists them, kept current by the live topic; the sandbox first. */
export function useClusters() {
  useTopic("clusters");
  const query = useQuery({ queryKey: clustersKey, queryFn: ({ signal }) => fetchClusters(signal) });
  const live = useLiveTopic("clusters", (topic) => (topic.state === "live" ? topic.values : null));
  const clusters = useMemo(() => {
    const listed = query.data?.results;
    return live ? mergeClusters(listed ?? [], [...live.values()] as Cluster[]) : listed?.toSorted(byPlace);
  }, [query.data, live]);
  return {
    clusters,
    isPending: query.isPending && !clusters,
    error: clusters ? null : query.error,
    refetch: query.refetch,
  };
}

export function useNamespaces(clusterId: string | undefined) {
  return useQuery({
    queryKey: [...clustersKey, clusterId, "namespaces"],
    queryFn: ({ signal }) => fetchNamespaces(clusterId ?? "", signal),
    enabled: Boolean(clusterId),
    retry: false,
    select: (page) => page.results.map((each) => (typeof each === "string" ? each : each.name)),
  });
}
