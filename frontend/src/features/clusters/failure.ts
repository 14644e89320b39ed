import type { Cluster } from "@/contract";
import { clusterError } from "@/model/clusters";
import { sentence } from "@/model/words";

const TITLE: Record<string, string> = {
  "cluster.untrusted": "The certificate of the cluster is not accepted",
  "cluster.timeout": "The cluster did not answer in time",
  "cluster.unauthorized": "The cluster refuses these credentials",
  "cluster.forbidden": "The cluster refuses these credentials",
  "cluster.credentials_unreadable": "The stored credentials cannot be opened",
};

/** Why a cluster cannot be used; null for one that can. */
export function failureOf(cluster: Pick<Cluster, "state" | "error">): { title: string; reason: string } | null {
  if (cluster.state !== "failed") return null;
  const title = TITLE[cluster.error?.code ?? ""] ?? "The cluster cannot be reached";
  return { title, reason: sentence(clusterError(cluster) ?? "") };
}
