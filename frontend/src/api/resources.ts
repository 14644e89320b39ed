import type { Page, Resource, ResourcePage, ServedKind } from "@/contract";
import { api } from "./client";

/** What a list of objects is filtered by; "" leaves a filter out. */
export interface ResourceFilters {
  kind: string;
  /** Names with commas between them; none is all that one may see. */
  namespace?: string;
  q?: string;
  /** Selectors, as kubectl takes them. */
  labels?: string;
  fields?: string;
  health?: string;
  system?: "hide" | "show";
}
/** One object, by the words of its address; "" for the namespace of what has none. */
export interface ResourceAddress {
  clusterId: string;
  /** Deployment.apps */
  kind: string;
  namespace: string;
  name: string;
}

export const fetchKinds = (clusterId: string, signal?: AbortSignal) =>
  api.get<Page<ServedKind>>(`clusters/${clusterId}/kinds`, undefined, signal);
export const fetchResources = (
  clusterId: string,
  filters: ResourceFilters,
  cursor?: string | null,
  signal?: AbortSignal,
) => api.get<ResourcePage>(`clusters/${clusterId}/resources`, { limit: 200, ...filters, cursor }, signal);
export const fetchResource = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<Resource>(pathOf(address), undefined, signal);

const pathOf = ({ clusterId, kind, namespace, name }: ResourceAddress) =>
  `clusters/${clusterId}/resources/${kind}/${namespace || "-"}/${encodeURIComponent(name)}`;
