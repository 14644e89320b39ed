import { useMutation, useQueryClient } from "@tanstack/react-query";
import { cancelBuild, startBuild } from "@/api";
import { buildListsKey, buildsKey } from "./keys";

export function useStartBuild() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ sourceId, ...given }: { sourceId: string; ref?: string; no_cache?: boolean }) =>
      startBuild(sourceId, given),
    onSuccess: () => client.invalidateQueries({ queryKey: buildListsKey }),
  });
}

export function useCancelBuild() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: cancelBuild,
    onSettled: () => client.invalidateQueries({ queryKey: buildsKey }),
  });
}
