import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  addRegistry,
  changeRegistry,
  fetchEmbeddedRegistry,
  fetchRegistries,
  removeRegistry,
  testRegistry,
  tryRegistry,
} from "@/api";
import type { EmbeddedRegistry, RegistryInput } from "@/contract";

const registriesKey = ["registries"] as const;

export function useRegistries() {
  return useQuery({ queryKey: registriesKey, queryFn: async ({ signal }) => (await fetchRegistries(signal)).results });
}

/** Looked at again while it is on its way. */
const COMING_POLL_MS = 2000;
const COMING: readonly EmbeddedRegistry["state"][] = ["finding", "downloading", "building", "starting"];

export function useEmbeddedRegistry() {
  return useQuery({
    queryKey: [...registriesKey, "embedded"],
    queryFn: ({ signal }) => fetchEmbeddedRegistry(signal),
    refetchInterval: ({ state }) => (state.data && COMING.includes(state.data.state) ? COMING_POLL_MS : false),
  });
}

function useRefreshed() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: registriesKey });
}

export function useTryRegistry() {
  return useMutation({ mutationFn: tryRegistry });
}
export function useAddRegistry() {
  return useMutation({ mutationFn: addRegistry, onSuccess: useRefreshed() });
}
export function useChangeRegistry(id: string) {
  return useMutation({
    mutationFn: (given: Partial<RegistryInput> & { name?: string }) => changeRegistry(id, given),
    onSuccess: useRefreshed(),
  });
}
export function useTestRegistry() {
  return useMutation({ mutationFn: testRegistry, onSettled: useRefreshed() });
}
export function useRemoveRegistry() {
  return useMutation({ mutationFn: removeRegistry, onSuccess: useRefreshed() });
}
