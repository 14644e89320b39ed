import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  addDeployKey,
  addGitConnection,
  beginGitSignIn,
  changeGitConnection,
  fetchSources,
  finishGitSignIn,
  forgetHostKeys,
  removeDeployKey,
  removeGitConnection,
  testGitConnection,
  tryGitConnection,
} from "@/api";
import type { GitConnectionInput } from "@/contract";
import { buildListsKey, gitConnectionsKey } from "@/product";

function useRefreshed() {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: gitConnectionsKey });
}

export function useTryConnection() {
  return useMutation({ mutationFn: tryGitConnection });
}
export function useAddConnection() {
  return useMutation({ mutationFn: addGitConnection, onSuccess: useRefreshed() });
}
export function useChangeConnection(id: string) {
  return useMutation({
    mutationFn: (given: Partial<Omit<GitConnectionInput, "provider" | "deploy_key" | "team">>) =>
      changeGitConnection(id, given),
    onSuccess: useRefreshed(),
  });
}
export function useTestConnection(id: string) {
  return useMutation({
    mutationFn: (repository: string) => testGitConnection(id, repository),
    onSettled: useRefreshed(),
  });
}
/** Names of the sources that are read with it. */
export function useSourcesUsing(id: string) {
  return useQuery({
    queryKey: [...gitConnectionsKey, id, "sources"],
    queryFn: async ({ signal }) =>
      (await fetchSources({ connection: id }, null, signal)).results.map(({ name }) => name),
    staleTime: 0,
    gcTime: 0,
  });
}
export function useRemoveConnection() {
  const client = useQueryClient();
  const refreshed = useRefreshed();
  return useMutation({
    mutationFn: ({ id, leave }: { id: string; leave: boolean }) => removeGitConnection(id, leave),
    onSuccess: () => Promise.all([refreshed(), client.invalidateQueries({ queryKey: buildListsKey })]),
  });
}
/** The browser leaves for the git server. */
export function useBeginSignIn() {
  return useMutation({
    mutationFn: (id: string) => beginGitSignIn(id, window.location.origin),
    onSuccess: ({ url }) => window.location.assign(url),
  });
}
export function useFinishSignIn() {
  return useMutation({ mutationFn: finishGitSignIn, onSuccess: useRefreshed() });
}
export function useAddKey(id: string) {
  return useMutation({ mutationFn: () => addDeployKey(id), onSuccess: useRefreshed() });
}
export function useForgetHostKeys(id: string) {
  return useMutation({ mutationFn: () => forgetHostKeys(id), onSuccess: useRefreshed() });
}
export function useRemoveKey(id: string) {
  return useMutation({ mutationFn: (keyId: string) => removeDeployKey(id, keyId), onSuccess: useRefreshed() });
}
