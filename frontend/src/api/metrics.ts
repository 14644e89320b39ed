import type { Usage } from "@/contract";
import { api } from "./client";

export type UsageRange = "day" | "fortnight";

/** What a node, a pod or a workload uses, requests and may use. */
export const fetchUsage = (
  clusterId: string,
  about: { kind: string; namespace: string; name: string; range: UsageRange },
  signal?: AbortSignal,
) => api.get<Usage>(`clusters/${clusterId}/metrics`, about, signal);
