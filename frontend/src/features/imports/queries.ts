import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  answerImport,
  applyImport,
  asProblem,
  cancelImport,
  chooseImport,
  changeChartValues,
  createImport,
  deleteImport,
  fetchChartValues,
  fetchImport,
  fetchImports,
  fetchMerge,
  renderAgain,
  type ImportFilters,
} from "@/api";
import type { Import, Named } from "@/contract";
import { useStartBuild, useWorkflowMutation } from "@/product";
import { toast } from "@/ui";

/** How often a fetch is looked at. */
const FETCHING_EVERY_MS = 1000;
const importsKey = ["imports"] as const;
const listsKey = [...importsKey, "list"] as const;
const importKey = (importId: string) => [...importsKey, "one", importId] as const;

export function useImports(filters: ImportFilters) {
  return useInfiniteQuery({
    queryKey: [...listsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchImports(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  });
}

/** "" for none. */
export function useImport(importId: string) {
  return useQuery({
    queryKey: importKey(importId),
    queryFn: ({ signal }) => fetchImport(importId, signal),
    refetchInterval: ({ state }) => (state.data?.state === "fetching" ? FETCHING_EVERY_MS : false),
    enabled: importId !== "",
  });
}

export function useCreateImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: createImport,
    onSuccess: (made) => {
      client.setQueryData(importKey(made.id), made);
      return client.invalidateQueries({ queryKey: listsKey });
    },
  });
}

/** The files are converted again; what comes back takes the place of what is shown. */
export function useAnswer(importId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (given: Parameters<typeof answerImport>[1]) => answerImport(importId, given),
    // One after the other, so that the last answer is the last one shown.
    scope: { id: `import ${importId}` },
    onSuccess: (answered) => {
      client.setQueryData(importKey(importId), answered);
      client.removeQueries({ queryKey: mergesKey(importId) });
      return client.invalidateQueries({ queryKey: listsKey });
    },
  });
}

/** What comes back takes the place of what is shown. */
function useChange<Given>(importId: string, change: (given: Given) => Promise<Import>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: async (changed) => {
      await client.cancelQueries({ queryKey: importKey(importId) });
      client.setQueryData(importKey(importId), changed);
      return client.invalidateQueries({ queryKey: listsKey });
    },
  });
}

export const useCancelImport = (importId: string) => useChange(importId, () => cancelImport(importId));

export const useChoose = (importId: string) =>
  useChange(importId, (choice: Parameters<typeof chooseImport>[1]) => chooseImport(importId, choice));

const mergesKey = (importId: string) => [...importKey(importId), "merges"] as const;

/** What the import would change in a workflow; "" for none. */
export function useMerge(importId: string, workflowId: string, keep: readonly string[]) {
  return useQuery({
    queryKey: [...mergesKey(importId), workflowId, keep],
    queryFn: ({ signal }) => fetchMerge(importId, workflowId, keep, "", signal),
    enabled: workflowId !== "",
    placeholderData: (before) => (before?.workflow.id === workflowId ? before : undefined),
    refetchOnWindowFocus: "always",
  });
}

/** Values of secrets of the files that an environment of the workflow does not have, or has otherwise; "" for none. */
export function useMergedSecrets(importId: string, workflowId: string, environmentId: string) {
  return useQuery({
    queryKey: [...mergesKey(importId), workflowId, "secrets", environmentId],
    queryFn: ({ signal }) => fetchMerge(importId, workflowId, [], environmentId, signal),
    select: ({ secrets }) => secrets,
    enabled: workflowId !== "" && environmentId !== "",
    refetchOnWindowFocus: "always",
  });
}

/** Read anew once the chart was rendered: `state` is that of the import. */
export function useChartValues(importId: string, state: string) {
  return useQuery({
    queryKey: [...importKey(importId), "values", state],
    queryFn: ({ signal }) => fetchChartValues(importId, signal),
    gcTime: 0,
  });
}

export const useChangeValues = (importId: string) =>
  useChange(importId, (settings: Parameters<typeof changeChartValues>[1]) => changeChartValues(importId, settings));

/**
 * `onMade` is called at once: the import that is fetched again has no step to create any more. With `build` images are
 * built of the sources that were made; one that does not start is told of, and the workflow stands.
 */
export function useApply(importId: string, onMade: (workflow: Named) => void) {
  const client = useQueryClient();
  const start = useStartBuild();
  return useWorkflowMutation(async ({ build, ...given }: Parameters<typeof applyImport>[1] & { build?: boolean }) => {
    let made: Awaited<ReturnType<typeof applyImport>>;
    try {
      made = await applyImport(importId, given);
    } finally {
      await client.invalidateQueries({ queryKey: importsKey });
    }
    for (const { id, name } of build ? made.sources : [])
      void start.mutateAsync({ sourceId: id }).catch((error: unknown) => {
        toast({ tone: "bad", title: `No build of ${name} was started`, detail: asProblem(error).detail });
      });
    // Only now: the steps that an import offers once its workflow is made are on the page. Its form is gone by then.
    onMade(made.workflow);
  });
}

export function useDeleteImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteImport,
    onSuccess: () => client.invalidateQueries({ queryKey: listsKey }),
  });
}

/** The chart with other values, as another import. */
export function useRenderAgain(importId: string, onMade: (made: Import) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (settings: Parameters<typeof renderAgain>[1]) => renderAgain(importId, settings),
    onSuccess: (made) => {
      client.setQueryData(importKey(made.id), made);
      void client.invalidateQueries({ queryKey: listsKey });
      onMade(made);
    },
  });
}
