import type {
  Edited,
  ObjectEvents,
  ObjectHistory,
  Page,
  PossibleActions,
  Relations,
  Resource,
  ResourcePage,
  ResourceYaml,
  ServedKind,
  Spaces,
  WhyNotGone,
} from "@/contract";
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
) => api.get<ResourcePage>(`clusters/${clusterId}/resources`, { limit: 100, ...filters, cursor }, signal);
/** Where the changes of a list after `version` are told, as an event stream. */
export function resourceChangesUrl(clusterId: string, filters: ResourceFilters, version: string): string {
  const given = Object.entries({ ...filters, version }).filter(([, value]) => value);
  return `/api/v1/clusters/${clusterId}/resources/changes?${new URLSearchParams(given as [string, string][])}`;
}
export const fetchResource = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<Resource>(pathOf(address), undefined, signal);
export const fetchResourceYaml = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<ResourceYaml>(`${pathOf(address)}/yaml`, undefined, signal);
export const fetchResourceEvents = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<ObjectEvents>(`${pathOf(address)}/events`, undefined, signal);

/** What was seen to change on it, newest first. */
export const fetchObjectHistory = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<ObjectHistory>(`${pathOf(address)}/history`, undefined, signal);
/** With `everything`, all that a deletion would take is looked for. */
export const fetchRelations = (address: ResourceAddress, everything: boolean, signal?: AbortSignal) =>
  api.get<Relations>(`${pathOf(address)}/relations`, { kinds: everything ? "all" : "usual" }, signal);
export const fetchWhyNotGone = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<WhyNotGone>(`${pathOf(address)}/deletion`, undefined, signal);
export const fetchPossibleActions = (address: ResourceAddress, signal?: AbortSignal) =>
  api.get<PossibleActions>(`${pathOf(address)}/actions`, undefined, signal);
export const fetchSpaces = (clusterId: string, signal?: AbortSignal) =>
  api.get<Spaces>(`clusters/${clusterId}/namespaces/quotas`, undefined, signal);

export interface ResourceEdit {
  yaml: string;
  /** The text that was edited. */
  base: string;
  decisions: readonly { path: string; keep: "mine" | "theirs" }[];
  /** Only says what it would change. */
  dry_run: boolean;
}
export const editResource = (address: ResourceAddress, edit: ResourceEdit) =>
  api.put<Edited>(`${pathOf(address)}/yaml`, edit);

export interface ResourceAction {
  action: string;
  /** Of the object that was seen. */
  uid: string;
  replicas?: number;
  propagation?: "Background" | "Foreground" | "Orphan";
}
export const actOnResource = (address: ResourceAddress, { action, ...given }: ResourceAction) =>
  api.post<{ made: { kind: string; namespace: string; name: string } | null }>(
    `${pathOf(address)}/actions/${action}`,
    given,
  );

const pathOf = ({ clusterId, kind, namespace, name }: ResourceAddress) =>
  `clusters/${clusterId}/resources/${kind}/${namespace || "-"}/${encodeURIComponent(name)}`;
