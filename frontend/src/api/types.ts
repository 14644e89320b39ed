/** What the API says, by hand until it is generated from its own schema (`npm run types`). */
import type { EdgeRecord, NodeRecord } from "@/model/records";

export type Role = "viewer" | "editor" | "operator" | "admin";
/** How one may register: the first person always, later ones by invite or freely. */
export type SignupMode = "first" | "invite" | "open";
export interface Named {
  id: string;
  name: string;
}
export interface Page<T> {
  results: T[];
  next: string | null;
}

export interface TeamRole extends Named {
  role: Role | null;
}
export interface User {
  id: string;
  email: string;
  name: string;
  is_admin: boolean;
  teams: TeamRole[];
}
export interface Session {
  user: User | null;
  signup: SignupMode;
}
export interface SignedIn {
  token: string | null;
  expires_at: string;
  user: User;
}
export interface ApiToken {
  id: string;
  name: string;
  /** The first characters of the token. */
  hint: string;
  current: boolean;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
}
export interface NewApiToken extends ApiToken {
  token: string;
}
export interface Invite {
  id: string;
  team: Named;
  role: Role;
  email: string;
  created_at: string;
  expires_at: string;
  used_at: string | null;
}
/** The code is told once, when the invite is made. */
export interface NewInvite extends Invite {
  code: string;
}
export interface Member extends Named {
  email: string;
  role: Role;
  joined_at: string;
}

export type ClusterState = "pending" | "connecting" | "ready" | "failed";
export type ClusterPhase = "finding" | "downloading" | "building" | "starting" | "ready" | "failed";
export interface ClusterProgress {
  phase: ClusterPhase;
  step: number | null;
  steps: number | null;
  message: string;
  detail: string | null;
}
export interface Cluster {
  id: string;
  name: string;
  server: string;
  state: ClusterState;
  progress: ClusterProgress | null;
  error: { code: string; detail: string } | string | null;
  version: string | null;
  is_sandbox: boolean;
  shared: boolean;
  team: Named | null;
  last_checked_at: string | null;
  created_at: string;
  rev?: number;
}

export type WorkflowState = "draft" | "published" | "archived";
export type RunKind = "apply" | "rollback" | "destroy";
export type RunState = "queued" | "planning" | "applying" | "verifying" | "succeeded" | "failed" | "canceled" | "rolled_back";
export type StepState = "pending" | "running" | "done" | "unchanged" | "failed" | "skipped";
export type StepAction = "apply" | "replace" | "delete" | "keep";

export interface RunMark {
  id: string;
  number: number;
  state: RunState;
}
export interface Environment extends Named {
  workflow_id: string;
  cluster: { id: string; name: string; state: ClusterState };
  namespace: string;
  variables: Record<string, { type: "string" | "integer" | "boolean"; value: string | number | boolean }>;
  deployed: { version: number; run_id: string; at: string } | null;
  active_run: RunMark | null;
}
export interface Workflow extends Named {
  description: string;
  state: WorkflowState;
  tags: string[];
  team: Named;
  rev: number;
  version: number;
  node_count: number;
  created_at: string;
  created_by: Named | null;
  updated_at: string;
  updated_by: Named | null;
  last_run: (RunMark & { finished_at: string | null }) | null;
  environments: Environment[];
}

export interface ObjectRef {
  api_version: string;
  kind: string;
  namespace: string | null;
  name: string;
}
export interface OwnedObject {
  environment: Named;
  node_id: string | null;
  ref: ObjectRef;
  keeps_data: boolean;
}
export interface RunError {
  code: string;
  detail: string;
  node_id?: string | null;
}
export interface RunCounts {
  total: number;
  done: number;
  failed: number;
  skipped: number;
  unchanged: number;
}
export interface Run extends RunMark {
  workflow: Named;
  environment: Named;
  kind: RunKind;
  version: number;
  created_at: string;
  created_by: Named | null;
  started_at: string | null;
  applied_at: string | null;
  finished_at: string | null;
  deadline_at: string | null;
  duration_s: number | null;
  error: RunError | null;
  counts: RunCounts;
  waves: number;
  rev: number;
  cancel_requested: boolean;
  steps?: Step[];
}
export interface Step {
  index: number;
  wave: number;
  node_id: string;
  ref: ObjectRef;
  action: StepAction;
  state: StepState;
  error: RunError | null;
  started_at: string | null;
  finished_at: string | null;
  rev?: number;
}
export interface LogLine {
  at: string;
  level: "debug" | "info" | "warning" | "error";
  node_id: string | null;
  message: string;
}

export type Health = "healthy" | "progressing" | "degraded" | "failed" | "suspended" | "missing" | "unknown";
export interface Evidence {
  ref: ObjectRef;
  reason: string;
  message: string;
  count: number | null;
  at: string | null;
}
export interface NodeStatus {
  node_id: string;
  health: Health;
  reason: string;
  facts: Record<string, unknown>;
  objects: { ref: ObjectRef; health: Health; reason: string; uid: string; resource_version: string }[];
  evidence: Evidence[];
  resource_version: string;
  observed_at: string;
  stale_since: string | null;
  drifted: boolean;
  rev: number;
}

export interface Problem {
  code: string;
  detail: string;
  severity: "error" | "warning";
  field: string | null;
  node_ids: string[];
  edge_ids: string[];
}
export interface Graph {
  rev: number;
  nodes: NodeRecord[];
  edges: EdgeRecord[];
  problems: Problem[];
  updated_at: string;
}
export interface SavedGraph {
  rev: number;
  problems: Problem[];
  updated_at: string;
}
export interface ManifestPreview {
  manifests: { node_id: string; ref: ObjectRef; yaml: string }[];
  problems: Problem[];
}
export interface Version {
  number: number;
  name: string;
  tag: string | null;
  description: string;
  automatic: boolean;
  run_id: string | null;
  restored_from: number | null;
  node_count: number;
  content_hash: string;
  created_at: string;
  created_by: Named | null;
}
export interface VersionWithGraph extends Version {
  nodes: NodeRecord[];
  edges: EdgeRecord[];
}
export type ChangeWord = "added" | "removed" | "modified";
export interface FieldDifference {
  path: string;
  from: unknown;
  to: unknown;
}
export interface Comparison {
  from: number | "current";
  to: number | "current";
  nodes: { node_id: string; name: string; kind: string; change: ChangeWord; changes: FieldDifference[] }[];
  edges: { edge_id: string; change: ChangeWord; source: string; target: string; relation: string; changes: FieldDifference[] }[];
}
export interface SecretNode {
  node_id: string;
  name: string;
  keys: { key: string; stored: boolean; in_cluster: boolean | null }[];
}
export interface InventoryItem {
  node_id: string;
  ref: ObjectRef;
  state: "intended" | "applied" | "deleting";
  uid: string | null;
  applied_at: string | null;
}

/** Somebody's rights in words: viewer < editor < operator < admin. */
const ROLE_RANK: Record<Role, number> = { viewer: 0, editor: 1, operator: 2, admin: 3 };
export const ROLES: readonly Role[] = ["viewer", "editor", "operator", "admin"];
export function covers(role: Role | null | undefined, needed: Role): boolean {
  return role ? ROLE_RANK[role] >= ROLE_RANK[needed] : false;
}
export function roleIn(user: User | null | undefined, teamId: string | undefined): Role | null {
  return user?.teams.find((team) => team.id === teamId)?.role ?? null;
}
export function clusterError(cluster: Pick<Cluster, "error">): string | null {
  return typeof cluster.error === "string" ? cluster.error || null : (cluster.error?.detail ?? null);
}
