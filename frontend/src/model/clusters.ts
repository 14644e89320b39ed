import type { Cluster } from "@/contract";

export function clusterError(cluster: Pick<Cluster, "error">): string | null {
  // The reasons that TLS gives end with a full stop of their own.
  return cluster.error?.detail.replace(/\.(?=;)/g, "") || null;
}

/** The sandbox first, then by name. */
export function byPlace(a: Cluster, b: Cluster): number {
  return Number(b.is_sandbox) - Number(a.is_sandbox) || a.name.localeCompare(b.name);
}

/** The newer of two states of a cluster: by `rev`, then by the last check, which does not change `rev`. */
function newest(a: Cluster, b: Cluster): Cluster {
  if (a.rev !== b.rev) return a.rev > b.rev ? a : b;
  return (a.last_checked_at ?? "") > (b.last_checked_at ?? "") ? a : b;
}

/** The clusters of the live topic, each in its newest known state. */
export function mergeClusters(listed: readonly Cluster[], live: readonly Cluster[]): Cluster[] {
  const byId = new Map(listed.map((cluster) => [cluster.id, cluster]));
  return live
    .map((cluster) => {
      const other = byId.get(cluster.id);
      return other ? newest(cluster, other) : cluster;
    })
    .sort(byPlace);
}

/** "building 3 of 5", for places with little space. */
export function progressWord(cluster: Cluster): string {
  const { progress, state } = cluster;
  if (state === "ready") return "ready";
  if (state === "failed") return "failed";
  if (!progress) return state;
  return progress.step && progress.steps ? `${progress.phase} ${progress.step} of ${progress.steps}` : progress.phase;
}
