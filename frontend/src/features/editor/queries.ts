import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { compareVersions, fetchCatalog, fetchUndeployed, fetchVersion, restoreVersion, saveVersion } from "@/api";
import type { Environment } from "@/contract";
import { indexCatalog } from "@/model/catalog";
import { documentFromLists, type GraphDocument } from "@/model/records";
import { useWorkflowMutation, versionsKey } from "@/product";

export function useCatalog() {
  return useQuery({
    queryKey: ["catalog"],
    queryFn: ({ signal }) => fetchCatalog(signal),
    staleTime: Infinity,
    gcTime: Infinity,
    select: indexCatalog,
  });
}

/** The graph of a version, or of none for null. */
export function useVersionGraph(workflowId: string, number: number | null) {
  return useQuery({
    queryKey: [...versionsKey(workflowId), "graph", number],
    queryFn: async ({ signal }): Promise<GraphDocument> =>
      documentFromLists(await fetchVersion(workflowId, number ?? 0, signal)),
    enabled: number !== null,
    // A version never changes.
    staleTime: Infinity,
  });
}
/** What has changed since a version, up to the saved revision `rev`. */
export function useChangesSince(workflowId: string, version: number | null, rev: number) {
  return useQuery({
    queryKey: [...versionsKey(workflowId), "since", version, rev],
    queryFn: ({ signal }) => compareVersions(workflowId, version ?? 0, "current", signal),
    enabled: version !== null,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
/** What of the saved revision `rev` an environment does not have. */
export function useUndeployed({ id, deployed, partly }: Environment, rev: number) {
  return useQuery({
    queryKey: ["environments", id, "undeployed", deployed?.run_id ?? null, partly, rev],
    queryFn: ({ signal }) => fetchUndeployed(id, signal),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}
export const useSaveVersion = (workflowId: string) =>
  useWorkflowMutation((version: { name: string; tag?: string; description?: string }) =>
    saveVersion(workflowId, version),
  );
export const useRestoreVersion = (workflowId: string) =>
  useWorkflowMutation((number: number) => restoreVersion(workflowId, number));
