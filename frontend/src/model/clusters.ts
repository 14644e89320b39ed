import type { Cluster } from "@/contract";

export function clusterError(cluster: Pick<Cluster, "error">): string | null {
  return cluster.error?.detail || null;
}

/** The sandbox first, then by name. */
export function byPlace(a: Cluster, b: Cluster): number {
  return Number(b.is_sandbox) - Number(a.is_sandbox) || a.name.localeCompare(b.name);
}
