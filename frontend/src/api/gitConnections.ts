import type {
  GitBranch,
  GitConnection,
  GitConnectionInput,
  GitConnectionReport,
  GitFile,
  GitFolder,
  GitRef,
  GitRepository,
  Page,
  TriedGitConnection,
} from "@/contract";
import { api, everyPage, request } from "./client";

/** The server asks the git server before it answers. */
const GIT_TIMEOUT_MS = 60_000;

type Given = Partial<Omit<GitConnectionInput, "provider" | "deploy_key" | "team">>;

export const fetchGitConnections = (signal?: AbortSignal) => everyPage<GitConnection>("git-connections", signal);
export const addGitConnection = (given: GitConnectionInput & { name: string }) =>
  api.post<TriedGitConnection>("git-connections", given, { timeoutMs: GIT_TIMEOUT_MS });
/** What is left out stays as it is. */
export const changeGitConnection = (id: string, given: Given) =>
  request<GitConnection>("PATCH", `git-connections/${id}`, { body: given, timeoutMs: GIT_TIMEOUT_MS });
/** With `leave`, sources that use it go on without one; else they keep it from going. */
export const removeGitConnection = (id: string, leave: boolean) =>
  api.delete(`git-connections/${id}${leave ? "?sources=leave" : ""}`);
export const testGitConnection = (id: string, repository: string) =>
  api.post<TriedGitConnection>(`git-connections/${id}/test`, { repository }, { timeoutMs: GIT_TIMEOUT_MS });
/** Tries one; nothing is stored. `connection` is a stored one: what is empty is taken from it. */
export const tryGitConnection = (
  given: Given & { provider?: GitConnection["provider"]; connection?: string; team?: string },
) => api.post<GitConnectionReport>("git-connections/test", given, { timeoutMs: GIT_TIMEOUT_MS });
/** Where the browser goes to sign in at the git server. */
export const beginGitSignIn = (id: string, origin: string) =>
  api.post<{ url: string }>(`git-connections/${id}/sign-in`, { origin });
/** With what the git server has sent the browser back. */
export const finishGitSignIn = (given: { state: string; code: string }) =>
  api.post<GitConnection>("git-connections/sign-in", given, { timeoutMs: GIT_TIMEOUT_MS });
export const addDeployKey = (id: string) => api.post<GitConnection>(`git-connections/${id}/keys`, {});
export const removeDeployKey = (id: string, keyId: string) =>
  request<GitConnection>("DELETE", `git-connections/${id}/keys/${keyId}`);
/** The next key that its SSH server shows is kept. */
export const forgetHostKeys = (id: string) => request<GitConnection>("DELETE", `git-connections/${id}/host-keys`);
export const fetchGitRepositories = (id: string, q: string, cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<GitRepository>>(`git-connections/${id}/repositories`, { q, cursor }, signal);
export const fetchGitTags = (id: string, repository: string, q: string, cursor: string | null, signal?: AbortSignal) =>
  api.get<Page<GitRef>>(`git-connections/${id}/tags`, { repository, q, cursor }, signal);
export const fetchGitBranches = (
  id: string,
  repository: string,
  q: string,
  cursor: string | null,
  signal?: AbortSignal,
) => api.get<Page<GitBranch>>(`git-connections/${id}/branches`, { repository, q, cursor }, signal);

interface PathInGit {
  repository: string;
  ref: string;
  path: string;
}
export const fetchGitFolder = (id: string, { repository, ref, path }: PathInGit, signal?: AbortSignal) =>
  api.get<GitFolder>(`git-connections/${id}/tree`, { repository, ref, path }, signal);
export const fetchGitFile = (id: string, { repository, ref, path }: PathInGit, signal?: AbortSignal) =>
  api.get<GitFile>(`git-connections/${id}/file`, { repository, ref, path }, signal);
