import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { EdgeRecord, NodeRecord } from "@/model/records";
import { api, requestText } from "./client";
import type {
  Comparison,
  Environment,
  Graph,
  InventoryItem,
  ManifestPreview,
  NodeStatus,
  Page,
  SavedGraph,
  SecretNode,
  Version,
  VersionWithGraph,
  Workflow,
  WorkflowState,
} from "./types";

export const workflowsKey = ["workflows"] as const;
export const workflowKey = (workflowId: string) => [...workflowsKey, "one", workflowId] as const;

export interface WorkflowFilters {
  search?: string;
  state?: WorkflowState;
  tag?: string;
  team?: string;
  sort?: string;
}

/** Runs and edits of others show without a reload; quicker while something runs. */
export function useWorkflows(filters: WorkflowFilters) {
  return useInfiniteQuery({
    queryKey: [...workflowsKey, "list", filters],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Workflow>>("workflows", { ...filters, cursor: pageParam, limit: 100 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchOnMount: "always", // who comes back from the editor has just changed what the list says
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.results.some(({ last_run }) => last_run && last_run.finished_at === null))
        ? 2_000
        : 20_000,
  });
}
export function useWorkflow(workflowId: string | undefined) {
  return useQuery({
    queryKey: workflowKey(workflowId ?? ""),
    queryFn: ({ signal }) => api.get<Workflow>(`workflows/${workflowId}`, undefined, signal),
    enabled: Boolean(workflowId),
  });
}

export interface NewWorkflow {
  name: string;
  description?: string;
  tags?: string[];
  team?: string;
  environment?: { name: string; cluster: string; namespace: string };
  graph?: { nodes: NodeRecord[]; edges: EdgeRecord[] };
}
/** What happens to the objects and volumes a workflow has in clusters. */
export interface ObjectChoice {
  objects?: "keep" | "destroy";
  volumes?: "keep" | "delete";
}

/** A mutation after which lists and the workflow itself are read again. */
function useWorkflowMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => client.invalidateQueries({ queryKey: workflowsKey }) });
}
export const useCreateWorkflow = () =>
  useWorkflowMutation((workflow: NewWorkflow) => api.post<Workflow>("workflows", workflow));
export const useUpdateWorkflow = () =>
  useWorkflowMutation(({ id, ...changes }: { id: string; name?: string; description?: string; tags?: string[] }) =>
    api.patch<Workflow>(`workflows/${id}`, changes),
  );
export const useCloneWorkflow = () =>
  useWorkflowMutation(({ id, name }: { id: string; name: string }) =>
    api.post<Workflow>(`workflows/${id}/clone`, { name }),
  );
export const usePublishWorkflow = () =>
  useWorkflowMutation(({ id, publish }: { id: string; publish: boolean }) =>
    api.post<Workflow>(`workflows/${id}/${publish ? "publish" : "unpublish"}`),
  );
export const useArchiveWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) =>
    api.post<Workflow>(`workflows/${id}/archive`, choice),
  );
export const useUnarchiveWorkflow = () =>
  useWorkflowMutation((workflowId: string) => api.post<Workflow>(`workflows/${workflowId}/unarchive`));
export const useDeleteWorkflow = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) =>
    api.delete<unknown>(`workflows/${id}`, { ...choice }),
  );
export const useImportWorkflow = () =>
  useWorkflowMutation(
    (source: {
      file: string;
      name?: string;
      team?: string;
      environment?: { name: string; cluster: string; namespace: string };
    }) => api.post<Workflow>("workflows/import", source),
  );
export const exportWorkflow = (workflowId: string): Promise<string> => requestText(`workflows/${workflowId}/export`);

/* The graph: read and written by the editor. */
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

/* Versions */
export const versionsKey = (workflowId: string) => [...workflowKey(workflowId), "versions"] as const;
export function useVersions(workflowId: string, enabled = true) {
  return useInfiniteQuery({
    queryKey: versionsKey(workflowId),
    refetchOnMount: "always", // a run makes a version
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Version>>(`workflows/${workflowId}/versions`, { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
  });
}
export function useVersion(workflowId: string, number: number | null) {
  return useQuery({
    queryKey: [...versionsKey(workflowId), number],
    queryFn: ({ signal }) => api.get<VersionWithGraph>(`workflows/${workflowId}/versions/${number}`, undefined, signal),
    enabled: number !== null,
    staleTime: Infinity,
  });
}
export function useComparison(workflowId: string, from: number | null, to: number | "current" | null) {
  return useQuery({
    queryKey: [...versionsKey(workflowId), "compare", from, to],
    queryFn: ({ signal }) => api.get<Comparison>(`workflows/${workflowId}/versions/compare`, { from, to }, signal),
    enabled: from !== null && to !== null,
    staleTime: to === "current" ? 0 : Infinity,
  });
}
export const useSaveVersion = (workflowId: string) =>
  useWorkflowMutation((version: { name: string; tag?: string; description?: string }) =>
    api.post<Version>(`workflows/${workflowId}/versions`, version),
  );
export const useRestoreVersion = (workflowId: string) =>
  useWorkflowMutation((number: number) =>
    api.post<{ version: Version; rev: number }>(`workflows/${workflowId}/versions/${number}/restore`),
  );

/* Environments */
export const useCreateEnvironment = (workflowId: string) =>
  useWorkflowMutation(
    (environment: { name: string; cluster: string; namespace: string; variables?: Environment["variables"] }) =>
      api.post<Environment>(`workflows/${workflowId}/environments`, environment),
  );
export const useUpdateEnvironment = () =>
  useWorkflowMutation(
    ({
      id,
      ...changes
    }: {
      id: string;
      name?: string;
      variables?: Environment["variables"];
      cluster?: string;
      namespace?: string;
    }) => api.patch<Environment>(`environments/${id}`, changes),
  );
export const useDeleteEnvironment = () =>
  useWorkflowMutation((environmentId: string) => api.delete<unknown>(`environments/${environmentId}`));
export function useInventory(environmentId: string | undefined) {
  return useQuery({
    queryKey: ["environments", environmentId, "inventory"],
    queryFn: ({ signal }) => api.get<Page<InventoryItem>>(`environments/${environmentId}/inventory`, undefined, signal),
    enabled: Boolean(environmentId),
  });
}
export const fetchEnvironmentStatus = (environmentId: string, signal?: AbortSignal) =>
  api.get<Record<string, NodeStatus>>(`environments/${environmentId}/status`, undefined, signal);

/** Forgets kept values; what the cluster has stays there. */
export function useForgetSecret(workflowId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (which: { environment: string; node_id: string; key: string }) =>
      api.delete(`workflows/${workflowId}/secrets`, which),
    onSuccess: () => client.invalidateQueries({ queryKey: [...workflowKey(workflowId), "secrets"] }),
  });
}

/* Secrets: which values are known, never the values. */
export function useSecretKeys(workflowId: string, environmentId: string | undefined, enabled = true) {
  return useQuery({
    queryKey: [...workflowKey(workflowId), "secrets", environmentId],
    queryFn: ({ signal }) =>
      api.get<{ nodes: SecretNode[] }>(`workflows/${workflowId}/secrets`, { environment: environmentId }, signal),
    enabled: enabled && Boolean(environmentId),
    staleTime: 0,
  });
}
