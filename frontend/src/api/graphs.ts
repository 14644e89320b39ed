/** The graph: read and written by the editor. */
import type { components, ManifestPreview, SavedGraph, SourceImages } from "@/contract";
import type { EdgeRecord, NodeRecord } from "@/model/records";
import { api } from "./client";

/**
 * Parameters are any JSON there; the page's records are readonly, and always carry `parameters` and `patch`, as every
 * answer does.
 */
export type Graph = Omit<components["schemas"]["Graph"], "nodes" | "edges"> & {
  nodes: NodeRecord[];
  edges: EdgeRecord[];
};

export const fetchGraph = (workflowId: string, signal?: AbortSignal) =>
  api.get<Graph>(`workflows/${workflowId}/graph`, undefined, signal);
/** A stale `rev` throws ApiProblem `graph.stale` with `current` and `changes` in `extra`. */
export const saveGraph = (
  workflowId: string,
  graph: { rev: number; nodes: readonly NodeRecord[]; edges: readonly EdgeRecord[] },
  signal?: AbortSignal,
) => api.put<SavedGraph>(`workflows/${workflowId}/graph`, graph, { signal, timeoutMs: 60_000 });
export const renderManifests = (
  workflowId: string,
  request: { nodes?: readonly NodeRecord[]; edges?: readonly EdgeRecord[]; environment?: string; node_id?: string },
  signal?: AbortSignal,
) => api.post<ManifestPreview>(`workflows/${workflowId}/manifests`, request, { signal });
/** What a run would take now for each source of the saved graph, with the variables of an environment. */
export const fetchImages = (workflowId: string, environment: string | null, signal?: AbortSignal) =>
  api.get<SourceImages>(`workflows/${workflowId}/images`, { environment: environment ?? undefined }, signal);
/** Nodes and edges of a workflow file or of Kubernetes objects, read by the server's rules; nothing is stored. */
export const parseContent = (content: string, signal?: AbortSignal) =>
  api.post<Parsed>("workflows/parse", { content }, { signal, timeoutMs: 60_000 });

export type Parsed = Omit<components["schemas"]["Parsed"], "nodes" | "edges"> & {
  nodes: NodeRecord[];
  edges: EdgeRecord[];
};
