import type { ClusterNode, ClusterNodeDetail, ClusterNodes, Drain } from "@/contract";
import { api } from "./client";

export interface DrainOptions {
  delete_data: boolean;
  delete_unmanaged: boolean;
}

const nodePath = (clusterId: string, node: string) => `clusters/${clusterId}/nodes/${encodeURIComponent(node)}`;

export const fetchNodes = (clusterId: string, signal?: AbortSignal) =>
  api.get<ClusterNodes>(`clusters/${clusterId}/nodes`, undefined, signal);
export const fetchNode = (clusterId: string, node: string, signal?: AbortSignal) =>
  api.get<ClusterNodeDetail>(nodePath(clusterId, node), undefined, signal);
export const setCordon = (clusterId: string, node: string, cordoned: boolean) =>
  api.post<ClusterNode>(`${nodePath(clusterId, node)}/${cordoned ? "cordon" : "uncordon"}`);
export const startDrain = (clusterId: string, node: string, options: DrainOptions) =>
  api.post<Drain>(`${nodePath(clusterId, node)}/drain`, options);
export const cancelDrain = (clusterId: string, node: string) =>
  api.post<Drain>(`${nodePath(clusterId, node)}/drain/cancel`);
