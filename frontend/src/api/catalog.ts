import { useQuery } from "@tanstack/react-query";
import { EMPTY_CATALOG, indexCatalog, type Catalog, type CatalogData } from "@/model/catalog";
import { api } from "./client";

/** Kinds and relations; they change only with the server. */
export function useCatalog() {
  return useQuery({
    queryKey: ["catalog"],
    queryFn: ({ signal }) => api.get<CatalogData>("catalog", undefined, signal),
    staleTime: Infinity,
    gcTime: Infinity,
    select: indexCatalog,
  });
}

/** The catalog, empty while it is on its way. */
export function useKinds(): Catalog {
  return useCatalog().data ?? EMPTY_CATALOG;
}
