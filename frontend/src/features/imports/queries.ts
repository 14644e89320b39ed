import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  answerImport,
  applyImport,
  createImport,
  deleteImport,
  fetchImport,
  fetchImports,
  type ImportFilters,
} from "@/api";
import { useWorkflowMutation } from "@/product";

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

export function useImport(importId: string) {
  return useQuery({ queryKey: importKey(importId), queryFn: ({ signal }) => fetchImport(importId, signal) });
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
      return client.invalidateQueries({ queryKey: listsKey });
    },
  });
}

export function useApply(importId: string) {
  const client = useQueryClient();
  return useWorkflowMutation((given: Parameters<typeof applyImport>[1]) =>
    applyImport(importId, given).finally(() => client.invalidateQueries({ queryKey: importsKey })),
  );
}

export function useDeleteImport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteImport,
    onSuccess: () => client.invalidateQueries({ queryKey: listsKey }),
  });
}
