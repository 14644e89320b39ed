import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { fetchSecretKeys, forgetSecrets, putBackSecret, setSecrets, type SecretPlace, type SecretValues } from "@/api";
import { workflowKey } from "../queries/keys";

/** One environment of a workflow. */
export interface SecretsOf {
  readonly workflow: string;
  readonly environment: string;
}

const secretsKey = (workflow: string) => [...workflowKey(workflow), "secrets"] as const;

export function useSecretKeys({ workflow, environment }: SecretsOf) {
  return useQuery({
    queryKey: [...secretsKey(workflow), environment],
    queryFn: ({ signal }) => fetchSecretKeys(workflow, environment, signal),
    enabled: environment !== "",
    staleTime: 0,
  });
}

export const useSetSecrets = (of: SecretsOf) =>
  useSecretMutation(of, (values: SecretValues) => setSecrets(of.workflow, of.environment, values));
export const usePutBackSecret = (of: SecretsOf) =>
  useSecretMutation(of, (place: SecretPlace & { readonly earlier_until: string }) =>
    putBackSecret(of.workflow, of.environment, place),
  );
export const useForgetSecret = (of: SecretsOf) =>
  useSecretMutation(of, (which: SecretPlace & { readonly forGood: boolean }) =>
    forgetSecrets(of.workflow, of.environment, which),
  );

function useSecretMutation<Given, Answer>({ workflow }: SecretsOf, change: (given: Given) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: secretsKey(workflow) }),
  });
}
