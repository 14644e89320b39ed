import type {
  ChartSettings,
  ChartValues,
  Import,
  ImportMerge,
  ImportProposal,
  ImportRow,
  ImportSource,
  Named,
  Page,
  Sameness,
  Trial,
} from "@/contract";
import { api } from "./client";
import type { NewEnvironment } from "./workflows";

export interface NewImport {
  name?: string;
  team?: string;
  source: ImportSource;
}
export interface ImportFilters {
  state?: ImportRow["state"];
  team?: string;
}

export const fetchImports = (filters: ImportFilters, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<ImportRow>>("imports", { limit: 100, ...filters, cursor }, signal);
export const fetchImport = (importId: string, signal?: AbortSignal) =>
  api.get<Import>(`imports/${importId}`, undefined, signal);
export const createImport = (made: NewImport) => api.post<Import>("imports", made);
/** What a chart was rendered with; of an import that has one. */
export const fetchChartValues = (importId: string, signal?: AbortSignal) =>
  api.get<ChartValues>(`imports/${importId}/values`, undefined, signal);
/** The chart is rendered anew, by a job. */
export const changeChartValues = (importId: string, settings: ChartSettings) =>
  api.put<Import>(`imports/${importId}/values`, settings);
/** Another import of the same chart, rendered with other values. */
export const renderAgain = (importId: string, settings: ChartSettings) =>
  api.post<Import>(`imports/${importId}/values`, settings);
/** Earlier answers and variables stay unless they are named; null takes one back. */
export const answerImport = (
  importId: string,
  given: { answers?: Record<string, string | null>; environment?: Record<string, string | null> },
) => api.put<Import>(`imports/${importId}/answers`, given);
/** The server gives the cluster 25 s. */
const TRIAL_TIMEOUT_MS = 40_000;
/** Every object by a dry run; nothing is changed, and nothing is kept. */
export const tryImport = (importId: string, place: { cluster: string; namespace: string }, signal: AbortSignal) =>
  api.post<Trial>(`imports/${importId}/trials`, place, { signal, timeoutMs: TRIAL_TIMEOUT_MS });
/** The server gives the containers 25 s, and the last of them some more. */
const COMPARISON_TIMEOUT_MS = 60_000;
/** Running containers are asked whether they have what the Compose files give them. */
export const compareImport = (importId: string, environment: string, signal: AbortSignal) =>
  api.post<Sameness>(`imports/${importId}/comparisons`, { environment }, { signal, timeoutMs: COMPARISON_TIMEOUT_MS });
export const cancelImport = (importId: string) => api.post<Import>(`imports/${importId}/cancel`, {});
/** Of Compose the paths are files, merged in their order; of others folders. */
export const chooseImport = (importId: string, choice: { type: ImportProposal["type"]; paths: readonly string[] }) =>
  api.post<Import>(`imports/${importId}/choice`, choice);
export type AppliedAs =
  | { name: string; environment?: NewEnvironment }
  | {
      workflow: string;
      rev: number;
      keep: readonly string[];
      secrets_of?: string;
      replace_secrets?: readonly string[];
    };
export const applyImport = (importId: string, given: AppliedAs) =>
  api.post<{ workflow: Named; sources: Named[] }>(`imports/${importId}/apply`, given);
/** `keep` names conflicts in which the workflow stays as it is; "" for no environment whose secrets are compared. */
export const fetchMerge = (
  importId: string,
  workflowId: string,
  keep: readonly string[],
  secretsOf: string,
  signal?: AbortSignal,
) => {
  const of = secretsOf ? [["secrets_of", secretsOf]] : [];
  const query = new URLSearchParams([["workflow", workflowId], ...of, ...keep.map((id) => ["keep", id])]);
  return api.get<ImportMerge>(`imports/${importId}/merge?${query.toString()}`, undefined, signal);
};
export const deleteImport = (importId: string) => api.delete(`imports/${importId}`);
