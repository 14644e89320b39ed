import type { MadeTrigger, Trigger, WatchableImages } from "@/contract";
import { api } from "./client";

type What = Pick<Trigger, "deploys" | "may_delete">;
export type NewTrigger = What &
  (
    | { type: "schedule"; name: string; cron: string; time_zone: string }
    | { type: "webhook"; name: string; /** Its calls are signed. */ signed: boolean }
    | { type: "build"; name: string }
    | { type: "image"; name: string; /** As the drawing names them. */ images: string[] }
  );
export interface TriggerChanges extends Partial<What> {
  name?: string;
  cron?: string;
  time_zone?: string;
  images?: string[];
  enabled?: boolean;
}

export const fetchTriggers = (environmentId: string, signal?: AbortSignal) =>
  api.get<{ results: Trigger[] }>(`environments/${environmentId}/triggers`, undefined, signal);
export const fetchWatchableImages = (environmentId: string, signal?: AbortSignal) =>
  api.get<WatchableImages>(`environments/${environmentId}/watchable-images`, undefined, signal);
export const createTrigger = (environmentId: string, trigger: NewTrigger) =>
  api.post<MadeTrigger>(`environments/${environmentId}/triggers`, trigger);
export const updateTrigger = (triggerId: string, changes: TriggerChanges) =>
  api.patch<Trigger>(`triggers/${triggerId}`, changes);
export const deleteTrigger = (triggerId: string) => api.delete(`triggers/${triggerId}`);
