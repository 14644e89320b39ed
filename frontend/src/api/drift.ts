import type { DriftAnswer, DriftRow, ObjectRef, Owners, Page, Run, YieldedField } from "@/contract";
import { api } from "./client";

/** What becomes of one field that others changed: ours again, left to them, or theirs and ours alike. */
export type DriftChoice = "take" | "yield" | "share";

/** What others changed of a node's objects; `fresh` asks the cluster now. */
export const fetchNodeDrift = (environmentId: string, nodeId: string, fresh: boolean, signal?: AbortSignal) =>
  api.get<DriftAnswer>(
    `environments/${environmentId}/drift`,
    { node: nodeId, ...(fresh ? { fresh: 1 } : { limit: 100 }) },
    signal,
  );
/** What others changed in one environment, as the watch has found it; 100 objects at most. */
export const fetchEnvironmentDrift = (environmentId: string, signal?: AbortSignal) =>
  api.get<DriftAnswer>(`environments/${environmentId}/drift`, { limit: 100 }, signal);
/** A run applies these objects as they were applied last. */
export const revertDrift = (environmentId: string, refs: readonly ObjectRef[]) =>
  api.post<Run>(`environments/${environmentId}/drift/revert`, { refs });
/** Takes the values of the cluster into the saved graph. Nothing is applied. */
export const adoptDrift = (environmentId: string, ref: ObjectRef) =>
  api.post<unknown>(`environments/${environmentId}/drift/adopt`, { ref });
export const settleDrift = (environmentId: string, ref: ObjectRef, path: string, choice: DriftChoice) =>
  api.post<{ run: Run | null; yield: YieldedField | null }>(`environments/${environmentId}/drift/settle`, {
    ref,
    path,
    choice,
  });

export interface DriftFilters {
  /** In kind, name, node, field and manager. */
  q?: string;
  team?: string;
  sort?: string;
}

/** What others changed in all environments of the person's teams. */
export const fetchDrift = (filters: DriftFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<DriftRow>>("drift", { limit: 100, ...filters, cursor }, signal);
/** Who owns which field of what was applied, or of one node's objects; asks the cluster now. */
export const fetchOwners = (environmentId: string, nodeId?: string, signal?: AbortSignal) =>
  api.get<Owners>(`environments/${environmentId}/owners`, nodeId === undefined ? undefined : { node: nodeId }, signal);
/** The fields that the environment leaves to others. */
export const fetchYields = (environmentId: string, signal?: AbortSignal) =>
  api.get<{ results: YieldedField[] }>(`environments/${environmentId}/yields`, undefined, signal);
/** The field is applied again, from the next run on. */
export const stopYielding = (environmentId: string, yieldId: string) =>
  api.delete(`environments/${environmentId}/yields/${yieldId}`);
