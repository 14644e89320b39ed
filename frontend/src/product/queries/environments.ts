import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  createEnvironment,
  deleteEnvironment,
  fetchGraph,
  startRun,
  updateEnvironment,
  type EnvironmentChanges,
  type NewEnvironment,
  type ObjectChoice,
} from "@/api";
import type { Environment } from "@/contract";
import { referencedNames } from "../environments/variables";
import { useIdempotencyKey } from "../idempotency";
import { runsKey, workflowKey, workflowsKey } from "./keys";
import { useWorkflowMutation } from "./workflows";

export const useCreateEnvironment = (workflowId: string) =>
  useWorkflowMutation((environment: NewEnvironment) => createEnvironment(workflowId, environment));
export const useUpdateEnvironment = () =>
  useWorkflowMutation(({ id, ...changes }: { id: string } & EnvironmentChanges) => updateEnvironment(id, changes));
export const useDeleteEnvironment = () =>
  useWorkflowMutation(({ id, ...choice }: { id: string } & ObjectChoice) => deleteEnvironment(id, choice));

/** Deletes what an environment has in its cluster; the environment stays. */
export function useUndeploy(environment: Environment) {
  const client = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: ({ data }: { data: boolean }) =>
      startRun(environment.workflow_id, {
        environment: environment.id,
        idempotency_key: key.take(),
        kind: "destroy",
        delete_volumes: data,
      }),
    onSettled: (_run, error) => {
      key.answered(error ?? undefined);
      return Promise.all([
        client.invalidateQueries({ queryKey: runsKey }),
        client.invalidateQueries({ queryKey: workflowsKey }),
      ]);
    },
  });
}

/** The names of variables that the workflow refers to, sorted. Empty until they are known. */
export function useReferencedNames(workflowId: string): readonly string[] {
  const query = useQuery({
    queryKey: [...workflowKey(workflowId), "graph", "names"],
    queryFn: async ({ signal }) => [...referencedNames((await fetchGraph(workflowId, signal)).nodes)].sort(),
    staleTime: 0,
  });
  return query.data ?? NO_NAMES;
}

const NO_NAMES: readonly string[] = [];
