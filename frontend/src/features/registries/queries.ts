import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { addRegistry, changeRegistry, fetchRegistries, removeRegistry, testRegistry, tryRegistry } from "@/api";
import type { RegistryInput } from "@/contract";

const registriesKey = ["registries"] as const;

export function useRegistries() {
  return useQuery({ queryKey: registriesKey, queryFn: async ({ signal }) => (await fetchRegistries(signal)).results });
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
