import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { cancelBuild, fetchSourceBuilds, fetchSourceNamed, startBuild } from "@/api";
import { useIsLive } from "@/realtime";
import { buildListsKey, buildsKey, CUT_OFF_POLL_MS } from "./keys";

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

/** The source of a team by its name, with its last build; null where the team has none. Kept current by `useTeamFeed`. */
export function useSourceNamed(teamId: string, name: string) {
  const isLive = useIsLive();
  return useQuery({
    queryKey: [...buildListsKey, "named", teamId, name],
    queryFn: async ({ signal }) => (await fetchSourceNamed(teamId, name, signal)).results[0] ?? null,
    enabled: name !== "" && !name.includes("${"),
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}

/** The newest builds of a source. Kept current by `useTeamFeed`. */
export function useSourceBuilds(sourceId: string | undefined) {
  const isLive = useIsLive();
  return useQuery({
    queryKey: [...buildListsKey, "of", sourceId],
    queryFn: ({ signal }) => fetchSourceBuilds(sourceId ?? "", signal),
    enabled: sourceId !== undefined,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}
