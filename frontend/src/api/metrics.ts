import type { NodesUsage, Usage } from "@/contract";
import { api } from "./client";

export type UsageRange = "day" | "fortnight";

/** What a node, a pod or a workload uses, requests and may use. */
export const fetchUsage = (
  clusterId: string,
  about: { kind: string; namespace: string; name: string; range: UsageRange },
  signal?: AbortSignal,
) => api.get<Usage>(`clusters/${clusterId}/metrics`, about, signal);

export const fetchNodesUsage = (clusterId: string, signal?: AbortSignal) =>
  api.get<NodesUsage>(`clusters/${clusterId}/metrics/nodes`, undefined, signal);
