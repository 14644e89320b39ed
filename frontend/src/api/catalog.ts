import type { CatalogData } from "@/model/catalog";
import { api } from "./client";

/** Kinds and relations; they change only with the server. */
export const fetchCatalog = (signal?: AbortSignal) => api.get<CatalogData>("catalog", undefined, signal);
