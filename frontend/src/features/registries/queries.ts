import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  addRegistry,
  changeRegistry,
  fetchStoredImages,
  makeRegistryLogin,
  previewRemoval,
  removeRegistry,
  removeStoredImages,
  renewRegistryPasswords,
  testRegistry,
  tryRegistry,
  type ImageKey,
  type StoredImageFilters,
} from "@/api";
import type { RegistryInput } from "@/contract";
import { registriesKey } from "@/product";

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

const imagesKey = [...registriesKey, "embedded", "images"] as const;

export function useStoredImages(filters: StoredImageFilters) {
  return useInfiniteQuery({
    queryKey: [...imagesKey, filters],
    queryFn: ({ pageParam, signal }) => fetchStoredImages(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    retry: false,
  });
}
/** What a removal of these images frees, or without any of all that nothing uses; asked anew each time. */
export function useRemovalPreview(team: string | undefined, images: readonly ImageKey[]) {
  return useQuery({
    queryKey: ["removal of images", team, images], // not below the images: what was removed is not asked for again
    queryFn: () => previewRemoval(team, images),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}
export function useRemoveStoredImages() {
  return useMutation({ mutationFn: removeStoredImages, onSettled: useRefreshed() });
}
export function useRenewPasswords() {
  return useMutation({ mutationFn: renewRegistryPasswords, onSuccess: useRefreshed() });
}
export function useMakeLogin() {
  return useMutation({ mutationFn: ({ team, days }: { team: string; days: number }) => makeRegistryLogin(team, days) });
}
