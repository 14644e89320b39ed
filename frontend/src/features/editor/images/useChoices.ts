/** What registries have: repositories, and tags with what they name. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { fetchImageChoices, fetchRepositories, fetchStoredRepositories } from "@/api";
import { registriesKey } from "@/product";

const FRESH_MS = 60_000;

/** Where repositories are looked for; by name nothing is listed. */
export type Place =
  | { readonly type: "embedded"; readonly teamId: string }
  | { readonly type: "registry"; readonly id: string; readonly host: string }
  | { readonly type: "name" };

/** Names of repositories as images have them, with the host. */
export function useRepositories(place: Place, q: string) {
  return useInfiniteQuery({
    queryKey: [...registriesKey, "repositories", place, q],
    queryFn: async ({ pageParam, signal }) => {
      if (place.type === "name") return { results: [], next: null };
      if (place.type === "registry") {
        const page = await fetchRepositories(place.id, q, pageParam, signal);
        return { ...page, results: page.results.map((name) => `${place.host}/${name}`) };
      }
      const { results } = await fetchStoredRepositories(place.teamId, signal);
      return { results: results.filter((name) => name.includes(q.toLowerCase())), next: null };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: FRESH_MS,
    retry: false,
  });
}

export function useChoices(image: string, q: string, team: string, cluster: string | null) {
  return useInfiniteQuery({
    queryKey: [...registriesKey, "choices", image, q, team, cluster],
    queryFn: ({ pageParam, signal }) => fetchImageChoices({ image, q, team, cluster }, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: FRESH_MS,
    retry: false,
  });
}
