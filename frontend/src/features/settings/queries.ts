import { useMutation, useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";
import {
  acceptInvite,
  changeAccount,
  changePassword,
  createInvite,
  createResetCode,
  createTeam,
  createToken,
  deleteInvite,
  deleteToken,
  fetchInvites,
  fetchLicences,
  fetchMembers,
  fetchPeople,
  fetchSettings,
  fetchTeams,
  fetchTokens,
  removeMember,
  saveProfile,
  saveSettings,
  setRole,
} from "@/api";
import type { Role, Settings } from "@/contract";
import { sessionKey } from "@/product";

const tokensKey = ["tokens"] as const;
const teamsKey = ["teams"] as const;
const membersKey = (teamId: string) => [...teamsKey, teamId, "members"] as const;
const invitesKey = ["invites"] as const;
const peopleKey = ["people"] as const;
const settingsKey = ["settings"] as const;

/** A mutation after which `keys` are fetched again. */
function useChange<Input, Output>(mutationFn: (input: Input) => Promise<Output>, ...keys: readonly QueryKey[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useSaveProfile = () => useChange(saveProfile, sessionKey);
export const useChangePassword = () => useChange(changePassword);

export const useTokens = () => useQuery({ queryKey: tokensKey, queryFn: ({ signal }) => fetchTokens(signal) });
export const useCreateToken = () => useChange(createToken, tokensKey);
export const useDeleteToken = () => useChange(deleteToken, tokensKey);

export const useTeams = () => useQuery({ queryKey: teamsKey, queryFn: ({ signal }) => fetchTeams(signal) });
export const useCreateTeam = () => useChange(createTeam, teamsKey, sessionKey);

export const useMembers = (teamId: string) =>
  useQuery({ queryKey: membersKey(teamId), queryFn: ({ signal }) => fetchMembers(teamId, signal) });
/** Who leaves a team, or changes the own role, sees other pages from then on. */
export const useRemoveMember = (teamId: string) =>
  useChange((userId: string) => removeMember(teamId, userId), sessionKey, teamsKey);
export const useSetRole = (teamId: string) =>
  useChange(({ userId, role }: { userId: string; role: Role }) => setRole(teamId, userId, role), sessionKey, teamsKey);

export const useInvites = () => useQuery({ queryKey: invitesKey, queryFn: ({ signal }) => fetchInvites(signal) });
export const useCreateInvite = () => useChange(createInvite, invitesKey);
export const useDeleteInvite = () => useChange(deleteInvite, invitesKey);
export function useAcceptInvite() {
  const client = useQueryClient();
  return useMutation({ mutationFn: acceptInvite, onSuccess: () => client.invalidateQueries() });
}

export const usePeople = () => useQuery({ queryKey: peopleKey, queryFn: ({ signal }) => fetchPeople(signal) });
export const useChangeAccount = () =>
  useChange(
    ({ id, ...changes }: { id: string; disabled?: boolean; is_admin?: boolean }) => changeAccount(id, changes),
    peopleKey,
    teamsKey,
    sessionKey,
  );
export const useCreateResetCode = () => useMutation({ mutationFn: createResetCode });

export const useSettings = () => useQuery({ queryKey: settingsKey, queryFn: ({ signal }) => fetchSettings(signal) });
export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: saveSettings,
    onSuccess: (saved) => {
      client.setQueryData<Settings>(settingsKey, (known) => known && { ...known, ...saved });
      void client.invalidateQueries({ queryKey: sessionKey });
    },
  });
}

/** They change only with the server. */
export const useLicences = () =>
  useQuery({ queryKey: ["licences"], queryFn: ({ signal }) => fetchLicences(signal), staleTime: Infinity });
