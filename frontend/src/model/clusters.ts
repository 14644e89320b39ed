import type { Cluster } from "@/contract";

export function clusterError(cluster: Pick<Cluster, "error">): string | null {
  return cluster.error?.detail || null;
}

/** The sandbox first, then by name. */
export function byPlace(a: Cluster, b: Cluster): number {
  return Number(b.is_sandbox) - Number(a.is_sandbox) || a.name.localeCompare(b.name);
}

/** "building 3 of 5": for places with room for a few words. */
export function progressWord(cluster: Cluster): string {
  const { progress, state } = cluster;
  if (state === "ready") return "ready";
  if (state === "failed") return "failed";
  if (!progress) return state;
  return progress.step && progress.steps ? `${progress.phase} ${progress.step} of ${progress.steps}` : progress.phase;
}
