import type { LogLine, Page, Run, RunKind, RunState, RunWithSteps } from "@/contract";
import { api } from "./client";

export interface RunFilters {
  state?: RunState;
  workflow?: string;
  environment?: string;
  sort?: string;
}
export interface NewRun {
  environment: string;
  /** One for each press of the button: the same key returns the same run. */
  idempotency_key: string;
  kind?: RunKind;
  /** The run that a rollback returns to. */
  to_run?: string;
  /** The run does just what this plan says, and is refused when that is no longer true. */
  plan?: string;
  secrets?: Record<string, Record<string, string>>;
  keep_secrets?: boolean;
  when_busy?: "wait" | "refuse";
  delete_volumes?: boolean;
  /** How long the objects may take to become healthy. */
  deadline_s?: number;
  /** Also sets fields that other managers hold; for this run only. */
  take_over?: boolean;
  /** How many deletions the person has agreed to; without it a run that deletes is refused with the list. */
  confirm_deletions?: number;
  /** Of the list that the person has seen: nothing else is deleted. */
  confirmation?: string;
  /** Asks as well where nothing is deleted, and something is kept for its data. */
  ask_kept?: boolean;
}

/** What a person has agreed to after the list of deletions. */
export type ConfirmedDeletions = Pick<NewRun, "confirm_deletions" | "confirmation" | "delete_volumes">;

export const fetchRuns = (filters: RunFilters & { limit?: number }, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<Run>>("runs", { limit: 100, ...filters, cursor }, signal);
export const fetchRun = (runId: string, signal?: AbortSignal) =>
  api.get<RunWithSteps>(`runs/${runId}`, undefined, signal);
export const fetchRunLogs = (runId: string, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<LogLine>>(`runs/${runId}/logs`, { cursor, limit: 100 }, signal);
export const startRun = (workflowId: string, run: NewRun) => api.post<Run>(`workflows/${workflowId}/runs`, run);
export const cancelRun = (runId: string) => api.post<Run>(`runs/${runId}/cancel`);
export const retryRun = (runId: string, confirmed: ConfirmedDeletions = {}) =>
  api.post<Run>(`runs/${runId}/retry`, confirmed);
