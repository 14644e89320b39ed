import type {
  EmbeddedRegistry,
  ImageChoice,
  Page,
  PlanPulls,
  Registry,
  RegistryInput,
  RegistryLogin,
  RegistryReport,
  RemovedImages,
  StoredImage,
  StoredImages,
  TriedRegistry,
} from "@/contract";
import { api, everyPage, request } from "./client";

/** The server asks the registry, step by step, before it answers. */
const REGISTRY_TIMEOUT_MS = 60_000;

export const fetchRegistries = (signal?: AbortSignal) => everyPage<Registry>("registries", signal);
export const fetchEmbeddedRegistry = (signal?: AbortSignal) =>
  api.get<EmbeddedRegistry>("registries/embedded", undefined, signal);
export const addRegistry = (given: RegistryInput & { name: string }) =>
  api.post<TriedRegistry>("registries", given, { timeoutMs: REGISTRY_TIMEOUT_MS });
/** What is left out stays as it is. */
export const changeRegistry = (id: string, given: Partial<RegistryInput> & { name?: string }) =>
  request<Registry>("PATCH", `registries/${id}`, { body: given, timeoutMs: REGISTRY_TIMEOUT_MS });
export const removeRegistry = (id: string) => api.delete(`registries/${id}`);
export const testRegistry = (id: string) =>
  api.post<TriedRegistry>(`registries/${id}/test`, {}, { timeoutMs: REGISTRY_TIMEOUT_MS });
/** Tries an account; nothing is stored. `registry` is a stored one: what is left out is taken from it. */
export const tryRegistry = (given: RegistryInput & { registry?: string }) =>
  api.post<RegistryReport>("registries/tests", given, { timeoutMs: REGISTRY_TIMEOUT_MS });

export interface StoredImageFilters {
  team?: string;
  q?: string;
  used?: "yes" | "no";
  sort?: string;
}
export type ImageKey = Pick<StoredImage, "repository" | "digest">;

export const fetchStoredImages = (filters: StoredImageFilters, cursor: string | null, signal?: AbortSignal) =>
  api.get<StoredImages>("registries/embedded/images", { ...filters, cursor }, signal);
/** What would go and how much that frees: of these images, or without any of those that nothing uses. */
export const previewRemoval = (team: string | undefined, images: readonly ImageKey[]) =>
  api.post<RemovedImages>("registries/embedded/removals", { team, images, preview: true, despite_use: true });
export const removeStoredImages = (given: { team?: string; images: readonly ImageKey[]; despite_use?: boolean }) =>
  api.post<RemovedImages>("registries/embedded/removals", given, { timeoutMs: REGISTRY_TIMEOUT_MS });
export const renewRegistryPasswords = (team: string) =>
  api.post<{ generation: number }>("registries/embedded/passwords", { team });
export const makeRegistryLogin = (team: string, days: number) =>
  api.post<RegistryLogin>("registries/embedded/logins", { team, days });

export const fetchRepositories = (id: string, q: string, cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<string>>(`registries/${id}/repositories`, { q, cursor }, signal);
/** Whole names of a team's repositories in the embedded registry. */
export const fetchStoredRepositories = (team: string, signal?: AbortSignal) =>
  api.get<{ results: string[] }>("registries/embedded/repositories", { team }, signal);
/** Tags of an image's repository with what they name; `cluster` says whose nodes are to run them. */
export const fetchImageChoices = (
  given: { image: string; q: string; team: string; cluster: string | null },
  cursor: string | null,
  signal?: AbortSignal,
) => api.get<Page<ImageChoice>>("images/choices", { ...given, cursor }, signal);
/** What may keep nodes from pulling and running the images of a plan. */
export const fetchPlanPulls = (planId: string, signal?: AbortSignal) =>
  api.get<PlanPulls>(`plans/${planId}/pulls`, undefined, signal);
