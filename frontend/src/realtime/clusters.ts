import { useMemo } from "react";
import { useClusters, type Cluster } from "@/api";
import { useLiveTopic, useTopic } from "./live";

const byPlace = (a: Cluster, b: Cluster) => Number(b.is_sandbox) - Number(a.is_sandbox) || a.name.localeCompare(b.name);

/** Clusters as the server lists them, kept current by the live topic; the sandbox first. */
export function useLiveClusters() {
  useTopic("clusters");
  const query = useClusters();
  const live = useLiveTopic("clusters", (topic) => (topic.state === "live" ? topic.values : null));
  const clusters = useMemo(() => {
    const listed = query.data?.results;
    if (!live) return listed?.toSorted(byPlace);
    const known = [...live.values()] as Cluster[];
    // The live value may be a summary: what only the list says is kept.
    return known.map((cluster) => ({ ...listed?.find((each) => each.id === cluster.id), ...cluster })).sort(byPlace);
  }, [query.data, live]);
  return {
    clusters,
    isPending: query.isPending && !clusters,
    error: clusters ? null : query.error,
    refetch: query.refetch,
  };
}
