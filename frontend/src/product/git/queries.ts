import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { fetchGitBranches, fetchGitConnections, fetchGitRepositories, fetchGitTags } from "@/api";

export const gitConnectionsKey = ["git-connections"] as const;

export function useGitConnections() {
  return useQuery({
    queryKey: gitConnectionsKey,
    queryFn: async ({ signal }) => (await fetchGitConnections(signal)).results,
  });
}
export function useGitRepositories(connection: string, q: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: [...gitConnectionsKey, connection, "repositories", q],
    queryFn: ({ pageParam, signal }) => fetchGitRepositories(connection, q, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
    retry: false,
  });
}
export function useGitRefs(
  connection: string,
  repository: string,
  kind: "branches" | "tags",
  q: string,
  enabled: boolean,
) {
  return useInfiniteQuery({
    queryKey: [...gitConnectionsKey, connection, kind, repository, q],
    queryFn: async ({ pageParam, signal }) => {
      if (kind === "branches") return fetchGitBranches(connection, repository, q, pageParam, signal);
      const { results, next } = await fetchGitTags(connection, repository, q, pageParam, signal);
      return { results: results.map((tag) => ({ ...tag, is_default: false })), next };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
    retry: false,
  });
}
