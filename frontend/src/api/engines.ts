import type { BuildEngine, EngineChanges, EngineInput, EngineReport } from "@/contract";
import { api } from "./client";

export type EnginePlace = Pick<EngineInput, "address" | "server_name" | "ca" | "certificate" | "key">;
export type EngineTrial = Partial<EnginePlace> & { engine?: string; team?: string; instance?: boolean };

export const addEngine = (given: EngineInput) => api.post<BuildEngine>("build-engines", given);
export const tryEngine = (given: EngineTrial) => api.post<EngineReport>("build-engines/tests", given);
export const changeEngine = (serviceId: string, given: EngineChanges) =>
  api.patch<BuildEngine>(`build-engines/${serviceId}`, given);
export const testEngine = (serviceId: string) =>
  api.post<{ engine: BuildEngine; report: EngineReport }>(`build-engines/${serviceId}/test`, {});
export const removeEngine = (serviceId: string) => api.delete(`build-engines/${serviceId}`);
