import { useQuery } from "@tanstack/react-query";
import { fetchEmbeddedRegistry, fetchRegistries } from "@/api";
import type { EmbeddedRegistry } from "@/contract";

export const registriesKey = ["registries"] as const;

export function useRegistries(enabled = true) {
  return useQuery({
    queryKey: registriesKey,
    queryFn: async ({ signal }) => (await fetchRegistries(signal)).results,
    enabled,
  });
}

/** Looked at again while it is on its way. */
const COMING_POLL_MS = 2000;
const COMING: readonly EmbeddedRegistry["state"][] = ["finding", "downloading", "building", "starting"];

export function useEmbeddedRegistry(enabled = true) {
  return useQuery({
    queryKey: [...registriesKey, "embedded"],
    queryFn: ({ signal }) => fetchEmbeddedRegistry(signal),
    refetchInterval: ({ state }) => (state.data && COMING.includes(state.data.state) ? COMING_POLL_MS : false),
    enabled,
  });
}
