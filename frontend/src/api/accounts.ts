import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "./client";
import type {
  ApiToken,
  Invite,
  Member,
  NewApiToken,
  NewInvite,
  Page,
  Role,
  Session,
  SignedIn,
  SignupMode,
  TeamRole,
  User,
} from "./types";

export const sessionKey = ["session"] as const;

/** Who is signed in, and whether strangers may register. Sets the CSRF cookie. */
export function useSession() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: ({ signal }) => api.get<Session>("auth/session", undefined, signal),
    staleTime: 60_000,
  });
}

export interface Credentials {
  email: string;
  password: string;
}
export function useLogin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => api.post<SignedIn>("auth/login", { ...credentials, session: true }),
    onSuccess: () => client.resetQueries({ queryKey: sessionKey }),
  });
}
export function useRegister() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (person: Credentials & { name: string; invite_code?: string }) =>
      api.post<SignedIn>("auth/register", { ...person, session: true }),
    onSuccess: () => client.resetQueries({ queryKey: sessionKey }),
  });
}
export function useLogout() {
  return useMutation({ mutationFn: () => api.post<void>("auth/logout") });
}

export function useSaveProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: { name: string }) => api.patch<User>("auth/profile", changes),
    onSuccess: () => client.invalidateQueries({ queryKey: sessionKey }),
  });
}
export function useChangePassword() {
  return useMutation({
    mutationFn: (passwords: { current_password: string; new_password: string }) =>
      api.post<void>("auth/password", passwords),
  });
}

const tokensKey = ["tokens"] as const;
export function useTokens() {
  return useQuery({
    queryKey: tokensKey,
    queryFn: ({ signal }) => api.get<Page<ApiToken>>("auth/tokens", undefined, signal),
  });
}
export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: { name: string; expires_in_days: number }) => api.post<NewApiToken>("auth/tokens", token),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}
export function useDeleteToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (tokenId: string) => api.delete(`auth/tokens/${tokenId}`),
    onSuccess: () => client.invalidateQueries({ queryKey: tokensKey }),
  });
}

export function useTeams() {
  return useQuery({
    queryKey: ["teams"],
    queryFn: ({ signal }) => api.get<Page<TeamRole>>("teams", undefined, signal),
  });
}
const membersKey = (teamId: string) => ["teams", teamId, "members"] as const;
export function useMembers(teamId: string | undefined) {
  return useQuery({
    queryKey: membersKey(teamId ?? ""),
    queryFn: ({ signal }) => api.get<Page<Member>>(`teams/${teamId}/members`, undefined, signal),
    enabled: Boolean(teamId),
  });
}
export function useSetRole(teamId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ userId, role }: { userId: string; role: Role }) =>
      api.patch<{ role: Role }>(`teams/${teamId}/members/${userId}`, { role }),
    onSettled: () => client.invalidateQueries({ queryKey: membersKey(teamId) }),
  });
}
export function useRemoveMember(teamId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (userId: string) => api.delete(`teams/${teamId}/members/${userId}`),
    onSuccess: () => client.invalidateQueries({ queryKey: membersKey(teamId) }),
  });
}

const invitesKey = ["invites"] as const;
export function useInvites(enabled = true) {
  return useQuery({
    queryKey: invitesKey,
    queryFn: ({ signal }) => api.get<Page<Invite>>("invites", undefined, signal),
    enabled,
  });
}
export function useCreateInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (invite: { team: string; role: Role; email?: string }) => api.post<NewInvite>("invites", invite),
    onSuccess: () => client.invalidateQueries({ queryKey: invitesKey }),
  });
}
export function useDeleteInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (inviteId: string) => api.delete(`invites/${inviteId}`),
    onSuccess: () => client.invalidateQueries({ queryKey: invitesKey }),
  });
}

const settingsKey = ["settings"] as const;
export function useSettings(enabled = true) {
  return useQuery({
    queryKey: settingsKey,
    queryFn: ({ signal }) => api.get<{ signup: SignupMode }>("settings", undefined, signal),
    enabled,
  });
}
export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: { signup: SignupMode }) => api.patch<{ signup: SignupMode }>("settings", changes),
    onSuccess: (saved) => {
      client.setQueryData(settingsKey, saved);
      void client.invalidateQueries({ queryKey: sessionKey });
    },
  });
}

export function useCreateTeam() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (team: { name: string }) => api.post<TeamRole>("teams", team),
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["teams"] }),
        client.invalidateQueries({ queryKey: sessionKey }),
      ]),
  });
}
/** Somebody who has an account joins a team by a code. */
export function useAcceptInvite() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => api.post<unknown>("invites/accept", { code }),
    onSuccess: () => client.invalidateQueries(),
  });
}
