import { useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import {
  addClusterEngine,
  addEngine,
  changeEngine,
  changeSource,
  createSource,
  deleteSource,
  fetchBuild,
  fetchBuildEngines,
  pauseBuilds,
  resumeBuilds,
  fetchBuilds,
  fetchBuildWorkflows,
  fetchPushes,
  fetchSource,
  fetchSources,
  makePushAddress,
  previewOldImages,
  removeEngine,
  removeOldImages,
  removePushAddress,
  switchPushAddress,
  testEngine,
  tryClusterEngine,
  tryEngine,
  type BuildFilters,
  type EngineTrial,
  type SourceChanges,
  type SourceFilters,
} from "@/api";
import type { ClusterEngineInput, ClusterPlace, EngineChanges, EngineInput } from "@/contract";
import { buildListsKey, buildsKey, CUT_OFF_POLL_MS, isImages } from "@/product";
import { useIsLive } from "@/realtime";

const sourcesKey = ["sources"] as const;
export const buildKey = (buildId: string) => [...buildsKey, "one", buildId] as const;

/** Kept current by `useTeamFeed`; polled only while the socket is not connected. */
export function useBuilds(filters: BuildFilters) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...buildListsKey, filters],
    queryFn: ({ pageParam, signal }) => fetchBuilds(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}
export function useBuild(buildId: string) {
  return useQuery({ queryKey: buildKey(buildId), queryFn: ({ signal }) => fetchBuild(buildId, signal) });
}
export function useBuildWorkflows(buildId: string) {
  return useQuery({
    queryKey: [...buildKey(buildId), "workflows"],
    queryFn: async ({ signal }) => (await fetchBuildWorkflows(buildId, signal)).results,
    staleTime: 0,
  });
}
/** Sources show their last build, so they are read again with the lists of builds. */
export function useSources(filters: SourceFilters) {
  const isLive = useIsLive();
  return useInfiniteQuery({
    queryKey: [...buildListsKey, ...sourcesKey, filters],
    queryFn: ({ pageParam, signal }) => fetchSources(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: isLive ? false : CUT_OFF_POLL_MS,
  });
}
/** None for "". */
export function useSource(sourceId: string) {
  return useQuery({
    queryKey: [...buildListsKey, ...sourcesKey, sourceId],
    queryFn: ({ signal }) => fetchSource(sourceId, signal),
    enabled: sourceId !== "",
  });
}
export function useBuildEngines() {
  return useQuery({
    queryKey: [...buildsKey, "engines"],
    queryFn: ({ signal }) => fetchBuildEngines(signal),
    // It is being prepared: nothing tells of that but asking.
    refetchInterval: ({ state }) => (state.data?.results.some((engine) => engine.coming) ? 3000 : false),
  });
}
const enginesKey = [...buildsKey, "engines"] as const;
/** Adds an engine, or changes the one that is named. */
export function useSaveEngine() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (
      given: { made: EngineInput } | { placed: ClusterEngineInput } | { id: string; changes: EngineChanges },
    ) =>
      "made" in given
        ? addEngine(given.made)
        : "placed" in given
          ? addClusterEngine(given.placed)
          : changeEngine(given.id, given.changes),
    onSuccess: () => client.invalidateQueries({ queryKey: enginesKey }),
  });
}
export function useTryEngine() {
  return useMutation({ mutationFn: (given: EngineTrial) => tryEngine(given) });
}
export function useTryClusterEngine() {
  return useMutation({ mutationFn: (given: ClusterPlace) => tryClusterEngine(given) });
}
export function useTestEngine() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: testEngine,
    onSuccess: () => client.invalidateQueries({ queryKey: enginesKey }),
  });
}
export function useRemoveEngine() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: removeEngine,
    onSuccess: () => client.invalidateQueries({ queryKey: enginesKey }),
  });
}
/** Makes a source, or changes the one that is named. */
export function useSaveSource() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      of,
      ...given
    }: SourceChanges & { of: { id: string; rev: number } | { name: string; team?: string } }) =>
      "id" in of ? changeSource(of.id, { ...given, rev: of.rev }) : createSource({ ...given, ...of }),
    onSuccess: () => readAgain(client, buildListsKey),
  });
}
/** Which images would go if so many stay; asked anew each time. */
export function useOldImages(sourceId: string, keep: number) {
  return useQuery({
    queryKey: [...sourcesKey, sourceId, "old-images", keep],
    queryFn: () => previewOldImages(sourceId, keep),
    enabled: keep > 0,
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}
export function useRemoveOldImages(sourceId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (keep: number) => removeOldImages(sourceId, keep),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: [...sourcesKey, sourceId] }),
        client.invalidateQueries({ queryKey: buildsKey }),
      ]),
  });
}
const pushesKey = (sourceId: string) => [...sourcesKey, sourceId, "pushes"] as const;
const CALLS_POLL_MS = 5000;
/** Whether pushes build the source, and the last calls: nothing tells of these but asking. */
export function usePushes(sourceId: string) {
  return useQuery({
    queryKey: pushesKey(sourceId),
    queryFn: ({ signal }) => fetchPushes(sourceId, signal),
    refetchInterval: ({ state }) => (state.data?.address?.enabled ? CALLS_POLL_MS : false),
  });
}
export const useMakePushAddress = (sourceId: string) =>
  usePushMutation(sourceId, (signed: boolean) => makePushAddress(sourceId, signed));
export const useSwitchPushAddress = (sourceId: string) =>
  usePushMutation(sourceId, (enabled: boolean) => switchPushAddress(sourceId, enabled));
export const useRemovePushAddress = (sourceId: string) => usePushMutation(sourceId, () => removePushAddress(sourceId));
function usePushMutation<Given, Made>(sourceId: string, mutationFn: (given: Given) => Promise<Made>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: pushesKey(sourceId) }),
        client.invalidateQueries({ queryKey: [...buildListsKey, ...sourcesKey] }),
      ]),
  });
}
export function useDeleteSource() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: deleteSource,
    onSuccess: () => readAgain(client, buildsKey),
  });
}
/** And what workflows take of sources, which editors show: the server tells of builds, and of sources nobody. */
async function readAgain(client: QueryClient, queryKey: readonly unknown[]): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey }),
    client.invalidateQueries({ predicate: (query) => isImages(query.queryKey) }),
  ]);
}
/** Lets the builds of all teams wait. */
export function usePauseBuilds() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: pauseBuilds,
    onSuccess: () => client.invalidateQueries({ queryKey: buildsKey }),
  });
}
export function useResumeBuilds() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: resumeBuilds,
    onSuccess: () => client.invalidateQueries({ queryKey: buildsKey }),
  });
}
