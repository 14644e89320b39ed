import type { Mark, NamespaceSet, Page } from "@/contract";
import { api, everyPage } from "./client";
import type { ResourceAddress } from "./resources";

/** One's own named sets of namespaces of a cluster. */
export const fetchNamespaceSets = (clusterId: string, signal?: AbortSignal) =>
  api.get<Page<NamespaceSet>>(`clusters/${clusterId}/namespace-sets`, undefined, signal);
/** Replaces the one of that name. */
export const saveNamespaceSet = (clusterId: string, set: { name: string; namespaces: readonly string[] }) =>
  api.put<NamespaceSet>(`clusters/${clusterId}/namespace-sets`, set);
export const deleteNamespaceSet = (clusterId: string, setId: string) =>
  api.delete(`clusters/${clusterId}/namespace-sets/${setId}`);

/** One's own favourites and notes in a cluster, the latest first. */
export const fetchMarks = (clusterId: string, signal?: AbortSignal) =>
  everyPage<Mark>(`clusters/${clusterId}/marks`, signal);
export interface MarkValues {
  favourite: boolean;
  note: string;
  labels: readonly string[];
}
export const saveMark = ({ clusterId, kind, namespace, name }: ResourceAddress, values: MarkValues) =>
  api.put<Mark>(`clusters/${clusterId}/marks/${kind}/${namespace || "-"}/${encodeURIComponent(name)}`, values);
