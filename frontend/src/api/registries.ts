import type { EmbeddedRegistry, Registry, RegistryInput, RegistryReport, TriedRegistry } from "@/contract";
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
