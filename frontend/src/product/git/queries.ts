import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { fetchGitBranches, fetchGitConnections, fetchGitRepositories } from "@/api";

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
export function useGitBranches(connection: string, repository: string, q: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: [...gitConnectionsKey, connection, "branches", repository, q],
    queryFn: ({ pageParam, signal }) => fetchGitBranches(connection, repository, q, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled,
    retry: false,
  });
}
