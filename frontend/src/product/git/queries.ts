import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import {
  fetchGitBranches,
  fetchGitConnections,
  fetchGitFile,
  fetchGitFolder,
  fetchGitRepositories,
  fetchGitTags,
} from "@/api";

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

/** A commit of a repository, as a connection opens it. */
export interface GitPlace {
  readonly connection: string;
  readonly repository: string;
  /** "" for the default branch. */
  readonly ref: string;
}
export function useGitFolder(place: GitPlace, path: string) {
  return useQuery({
    queryKey: [...gitConnectionsKey, place.connection, "tree", place.repository, place.ref, path],
    queryFn: ({ signal }) => fetchGitFolder(place.connection, { ...place, path }, signal),
    retry: false,
  });
}
export function useGitFile(place: GitPlace, path: string) {
  return useQuery({
    queryKey: [...gitConnectionsKey, place.connection, "file", place.repository, place.ref, path],
    queryFn: ({ signal }) => fetchGitFile(place.connection, { ...place, path }, signal),
    retry: false,
  });
}
