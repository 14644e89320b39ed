import type { CatalogData } from "@/model/catalog";
import { api } from "./client";

/** Kinds and relations; they change only with the server. The page's HTML names the address under which this version's
 * catalog is kept by the browser for good; a server that was replaced since answers 404 there. */
export const fetchCatalog = (signal?: AbortSignal): Promise<CatalogData> => {
  const kept = document.querySelector<HTMLMetaElement>('meta[name="catalog"]')?.content.replace("/api/v1/", "");
  const plain = () => api.get<CatalogData>("catalog", undefined, signal);
  return kept ? api.get<CatalogData>(kept, undefined, signal).catch(plain) : plain();
};
