import type {
  Build,
  BuildDetail,
  BuildEngine,
  BuildPause,
  BuilderChoice,
  BuildState,
  BuildWorkflow,
  MadePushAddress,
  OldImages,
  Page,
  PushAddress,
  Pushes,
  Source,
  SourceVariableChoice,
} from "@/contract";
import { api } from "./client";

export interface BuildFilters {
  q?: string;
  state?: BuildState;
  source?: string;
  team?: string;
  sort?: string;
}
export interface SourceFilters {
  q?: string;
  /** Id of the git connection that they are read with. */
  connection?: string;
  team?: string;
  sort?: string;
}
export interface SourceChanges {
  repository: string;
  /** null: none, for a public repository. */
  connection: string | null;
  ref: string;
  root: string;
  builder: BuilderChoice;
  image: string;
  /** "" for the default of the team. */
  engine: string;
  /** So many of its newest images; 0 for all. */
  keep_images: number;
  /** All of them; those of a source that is changed stay where they are left out. */
  variables?: readonly SourceVariableChoice[];
}

export const fetchBuilds = (filters: BuildFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<Build>>("builds", { limit: 100, ...filters, cursor }, signal);
export const fetchBuild = (buildId: string, signal?: AbortSignal) =>
  api.get<BuildDetail>(`builds/${buildId}`, undefined, signal);
/** What draws its source, or has run its image. */
export const fetchBuildWorkflows = (buildId: string, signal?: AbortSignal) =>
  api.get<{ results: BuildWorkflow[] }>(`builds/${buildId}/workflows`, undefined, signal);
export const cancelBuild = (buildId: string) => api.post<Build>(`builds/${buildId}/cancel`, {});
export const startBuild = (sourceId: string, given: { ref?: string; no_cache?: boolean }) =>
  api.post<Build>(`sources/${sourceId}/builds`, given);
export const fetchSources = (filters: SourceFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<Source>>("sources", { limit: 100, ...filters, cursor }, signal);
export const fetchSourceNamed = (team: string, name: string, signal?: AbortSignal) =>
  api.get<Page<Source>>("sources", { team, name, limit: 1 }, signal);
/** Newest first. */
export const fetchSourceBuilds = (sourceId: string, signal?: AbortSignal) =>
  api.get<Page<Build>>(`sources/${sourceId}/builds`, { limit: 20 }, signal);
export const fetchSource = (sourceId: string, signal?: AbortSignal) =>
  api.get<Source>(`sources/${sourceId}`, undefined, signal);
export const createSource = (given: { name: string; team?: string } & SourceChanges) =>
  api.post<Source>("sources", given);
/** `rev` is that of the source that was looked at. */
export const changeSource = (sourceId: string, given: { rev: number } & SourceChanges) =>
  api.patch<Source>(`sources/${sourceId}`, given);
export const previewOldImages = (sourceId: string, keep: number) =>
  api.post<OldImages>(`sources/${sourceId}/image-removals`, { keep, preview: true });
export const removeOldImages = (sourceId: string, keep: number) =>
  api.post<OldImages>(`sources/${sourceId}/image-removals`, { keep });
export const fetchPushes = (sourceId: string, signal?: AbortSignal) =>
  api.get<Pushes>(`sources/${sourceId}/pushes`, undefined, signal);
/** An earlier address is no more. */
export const makePushAddress = (sourceId: string, signed: boolean) =>
  api.post<MadePushAddress>(`sources/${sourceId}/pushes`, { signed });
export const switchPushAddress = (sourceId: string, enabled: boolean) =>
  api.patch<PushAddress>(`sources/${sourceId}/pushes`, { enabled });
export const removePushAddress = (sourceId: string) => api.delete(`sources/${sourceId}/pushes`);
export const deleteSource = (sourceId: string) => api.delete(`sources/${sourceId}`);
export const fetchBuildEngines = (signal?: AbortSignal) =>
  api.get<{ builds_kept: number; pause: BuildPause | null; results: BuildEngine[] }>(
    "build-engines",
    undefined,
    signal,
  );
