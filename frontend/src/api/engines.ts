import type {
  BuildEngine,
  BuildPause,
  BuildPauseInput,
  ClusterEngineInput,
  ClusterPlace,
  EngineChanges,
  EngineInput,
  EngineReport,
} from "@/contract";
import { api, request } from "./client";

/** A pod has to start, and its image to come, before it can be said whether it builds. */
const TRIAL_TIMEOUT_MS = 90_000;

export type EnginePlace = Pick<EngineInput, "address" | "server_name" | "ca" | "certificate" | "key">;
export type EngineTrial = Partial<EnginePlace> & { engine?: string; team?: string; instance?: boolean };

export const addEngine = (given: EngineInput) => api.post<BuildEngine>("build-engines", given);
export const tryEngine = (given: EngineTrial) => api.post<EngineReport>("build-engines/tests", given);
export const addClusterEngine = (given: ClusterEngineInput) =>
  api.post<BuildEngine>("build-engines/in-clusters", given, { timeoutMs: TRIAL_TIMEOUT_MS });
export const tryClusterEngine = (given: ClusterPlace) =>
  api.post<EngineReport>("build-engines/in-clusters/tests", given, { timeoutMs: TRIAL_TIMEOUT_MS });
export const changeEngine = (serviceId: string, given: EngineChanges) =>
  api.patch<BuildEngine>(`build-engines/${serviceId}`, given);
export const testEngine = (serviceId: string) =>
  api.post<{ engine: BuildEngine; report: EngineReport }>(
    `build-engines/${serviceId}/test`,
    {},
    { timeoutMs: TRIAL_TIMEOUT_MS },
  );
export const removeEngine = (serviceId: string) => api.delete(`build-engines/${serviceId}`);

export const pauseBuilds = (given: BuildPauseInput) => request<BuildPause>("PUT", "build-pause", { body: given });
export const resumeBuilds = () => api.delete("build-pause");
