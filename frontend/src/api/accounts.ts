import type {
  Account,
  ApiToken,
  Invite,
  Member,
  NewApiToken,
  NewInvite,
  ResetCode,
  Role,
  Session,
  Settings,
  SignedIn,
  TeamRole,
  TokenScope,
  User,
} from "@/contract";
import { api, everyPage } from "./client";

/** Who is signed in, and who may register. Sets the CSRF cookie. */
export const fetchSession = (signal?: AbortSignal) => api.get<Session>("auth/session", undefined, signal);

export interface Credentials {
  email: string;
  password: string;
}
export interface Registration extends Credentials {
  name: string;
  invite_code?: string;
}
export const signIn = (credentials: Credentials) => api.post<SignedIn>("auth/login", { ...credentials, session: true });
export const register = (person: Registration) => api.post<SignedIn>("auth/register", { ...person, session: true });
export const signOut = () => api.post<void>("auth/logout");

export const saveProfile = (changes: { name: string }) => api.patch<User>("auth/profile", changes);
export const changePassword = (passwords: { current_password: string; new_password: string }) =>
  api.post<void>("auth/password", passwords);

/** Sets a new password with a code from an administrator; all sessions and tokens of the account end. */
export const resetPassword = (reset: { code: string; new_password: string }) => api.post<void>("auth/reset", reset);

export const fetchTokens = (signal?: AbortSignal) => everyPage<ApiToken>("auth/tokens", signal);
export const createToken = (token: { name: string; expires_in_days: number; scope: TokenScope }) =>
  api.post<NewApiToken>("auth/tokens", token);
export const deleteToken = (tokenId: string) => api.delete(`auth/tokens/${tokenId}`);

export const fetchTeams = (signal?: AbortSignal) => everyPage<TeamRole>("teams", signal);
export const createTeam = (team: { name: string }) => api.post<TeamRole>("teams", team);

export const fetchMembers = (teamId: string, signal?: AbortSignal) =>
  everyPage<Member>(`teams/${teamId}/members`, signal);
export const setRole = (teamId: string, userId: string, role: Role) =>
  api.patch<{ role: Role }>(`teams/${teamId}/members/${userId}`, { role });
export const removeMember = (teamId: string, userId: string) => api.delete(`teams/${teamId}/members/${userId}`);

export const fetchInvites = (signal?: AbortSignal) => everyPage<Invite>("invites", signal);
export const createInvite = (invite: { team: string; role: Role; email?: string }) =>
  api.post<NewInvite>("invites", invite);
export const deleteInvite = (inviteId: string) => api.delete(`invites/${inviteId}`);
/** Adds the signed-in person to a team by an invite code. */
export const acceptInvite = (code: string) => api.post<unknown>("invites/accept", { code });

/* Accounts of the instance, for its administrators. */
export const fetchPeople = (signal?: AbortSignal) => everyPage<Account>("people", signal);
export const changeAccount = (userId: string, changes: { disabled?: boolean; is_admin?: boolean }) =>
  api.patch<Account>(`people/${userId}`, changes);
export const createResetCode = (userId: string) => api.post<ResetCode>(`people/${userId}/password-reset`);

export const fetchSettings = (signal?: AbortSignal) => api.get<Settings>("settings", undefined, signal);
export const saveSettings = (changes: Pick<Settings, "signup">) =>
  api.patch<Pick<Settings, "signup">>("settings", changes);
