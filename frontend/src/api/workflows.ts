import type {
  Comparison,
  components,
  Environment,
  GraphChanges,
  Health,
  InventoryItem,
  Page,
  Restored,
  Secrets,
  Variable,
  Version,
  Workflow,
  WorkflowState,
} from "@/contract";
import type { GraphLists } from "@/model/records";
import { api, requestFile, requestText } from "./client";

/** How far a workflow is in any of its environments. */
export type Deployment = "never" | "deployed" | "edited";
export interface WorkflowFilters {
  search?: string;
  state?: WorkflowState;
  deployment?: Deployment;
  health?: Health;
  tag?: string;
  team?: string;
  sort?: string;
}
/** Where a workflow runs, as the API takes it. */
export interface NewEnvironment {
  name: string;
  cluster: string;
  namespace: string;
  variables?: Record<string, Variable>;
}
/** What an environment does by itself, and what it asks for. */
export type EnvironmentRules = Pick<Environment, "auto_rollback" | "protected" | "self_heal">;
export interface EnvironmentChanges extends Partial<NewEnvironment & EnvironmentRules> {
  /** Null: the usual one. */
  deletion_budget?: Environment["deletion_budget"] | null;
}
export interface NewWorkflow {
  name: string;
  description?: string;
  tags?: string[];
  team?: string;
  environment?: NewEnvironment;
}
export interface WorkflowFile {
  file: string;
  name?: string;
  team?: string;
  environment?: NewEnvironment;
}
export interface WorkflowChanges {
  name?: string;
  description?: string;
  tags?: string[];
}
/** What happens to the objects and volumes a workflow has in clusters. */
export interface ObjectChoice {
  objects?: "keep" | "destroy";
  volumes?: "keep" | "delete";
}

export const fetchWorkflows = (
  filters: WorkflowFilters & { limit?: number },
  cursor?: string | null,
  signal?: AbortSignal,
) => api.get<Page<Workflow>>("workflows", { limit: 100, ...filters, cursor }, signal);
export const fetchWorkflow = (workflowId: string, signal?: AbortSignal) =>
  api.get<Workflow>(`workflows/${workflowId}`, undefined, signal);
export const createWorkflow = (workflow: NewWorkflow) => api.post<Workflow>("workflows", workflow);
export const importWorkflow = (source: WorkflowFile) => api.post<Workflow>("workflows/import", source);
export const exportWorkflow = (workflowId: string): Promise<string> => requestText(`workflows/${workflowId}/export`);
/** Forms for other tools. */
export type ExportForm = "manifests" | "kustomize" | "helm" | "compose";
/** `environment` is the one whose values count; without it, the first. */
export const exportFiles = (workflowId: string, form: ExportForm, environment: string | null) =>
  requestFile(`workflows/${workflowId}/files`, { query: { form, environment } });
export const updateWorkflow = (workflowId: string, changes: WorkflowChanges) =>
  api.patch<Workflow>(`workflows/${workflowId}`, changes);
export const cloneWorkflow = (workflowId: string, name: string) =>
  api.post<Workflow>(`workflows/${workflowId}/clone`, { name });
export const archiveWorkflow = (workflowId: string, choice: ObjectChoice) =>
  api.post<Workflow>(`workflows/${workflowId}/archive`, choice);
export const unarchiveWorkflow = (workflowId: string) => api.post<Workflow>(`workflows/${workflowId}/unarchive`);
export const deleteWorkflow = (workflowId: string, choice: ObjectChoice) =>
  api.delete<unknown>(`workflows/${workflowId}`, { ...choice });

/* Versions */
export const fetchVersions = (workflowId: string, cursor?: string | null, signal?: AbortSignal) =>
  api.get<Page<Version>>(`workflows/${workflowId}/versions`, { cursor }, signal);
/** One version with its graph. */
export const fetchVersion = (workflowId: string, number: number, signal?: AbortSignal) =>
  api.get<Version & GraphLists>(`workflows/${workflowId}/versions/${number}`, undefined, signal);
export const compareVersions = (workflowId: string, from: number, to: number | "current", signal?: AbortSignal) =>
  api.get<Comparison>(`workflows/${workflowId}/versions/compare`, { from, to }, signal);
export const saveVersion = (workflowId: string, version: { name: string; tag?: string; description?: string }) =>
  api.post<Version>(`workflows/${workflowId}/versions`, version);
export const restoreVersion = (workflowId: string, number: number) =>
  api.post<Restored>(`workflows/${workflowId}/versions/${number}/restore`);

/* Environments */
export const createEnvironment = (workflowId: string, environment: NewEnvironment) =>
  api.post<Environment>(`workflows/${workflowId}/environments`, environment);
export const updateEnvironment = (environmentId: string, changes: EnvironmentChanges) =>
  api.patch<Environment>(`environments/${environmentId}`, changes);
export const deleteEnvironment = (environmentId: string, choice: ObjectChoice) =>
  api.delete<{ runs: components["schemas"]["DestroyRun"][] } | undefined>(`environments/${environmentId}`, {
    ...choice,
  });
/** Runs that nobody starts may apply this version again. */
export const releaseVersion = (environmentId: string, version: number) =>
  api.delete(`environments/${environmentId}/quarantine/${version}`);
/** What of the saved graph the environment does not have. */
export const fetchUndeployed = (environmentId: string, signal?: AbortSignal) =>
  api.get<GraphChanges>(`environments/${environmentId}/undeployed`, undefined, signal);
/** All objects that runs of the environment have created and not deleted. */
export const fetchInventory = (environmentId: string, signal?: AbortSignal) =>
  api.get<{ results: InventoryItem[]; made_namespace: string | null }>(
    `environments/${environmentId}/inventory`,
    undefined,
    signal,
  );

/* Secrets: values go in, and only which are known comes out. */
/** By node id, then by key. */
export type SecretValues = Readonly<Record<string, Readonly<Record<string, string>>>>;
export interface SecretPlace {
  readonly node_id: string;
  readonly key: string;
}
export const fetchSecretKeys = (workflowId: string, environment: string, signal?: AbortSignal) =>
  api.get<Secrets>(`workflows/${workflowId}/secrets`, { environment }, signal);
/** Stores values for the next runs; keys that are not named keep theirs. */
export const setSecrets = (workflowId: string, environment: string, values: SecretValues) =>
  api.put<Secrets>(`workflows/${workflowId}/secrets?${asked(environment)}`, { values });
/** `earlier_until` says which value is meant. */
export const putBackSecret = (
  workflowId: string,
  environment: string,
  place: SecretPlace & { readonly earlier_until: string },
) => api.post<Secrets>(`workflows/${workflowId}/secrets/put-back?${asked(environment)}`, place);
/** Deletes a stored value; the cluster keeps its own. */
export const forgetSecrets = (
  workflowId: string,
  environment: string,
  { node_id, key, forGood }: SecretPlace & { readonly forGood: boolean },
) => api.delete(`workflows/${workflowId}/secrets`, { environment, node_id, key, for_good: forGood ? "true" : "false" });
const asked = (environment: string) => new URLSearchParams({ environment }).toString();
