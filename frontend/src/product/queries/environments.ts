import { useQuery } from "@tanstack/react-query";
import { createEnvironment, fetchGraph, updateEnvironment, type EnvironmentChanges, type NewEnvironment } from "@/api";
import { referencedNames } from "../environments/variables";
import { workflowKey } from "./keys";
import { useWorkflowMutation } from "./workflows";

export const useCreateEnvironment = (workflowId: string) =>
  useWorkflowMutation((environment: NewEnvironment) => createEnvironment(workflowId, environment));
export const useUpdateEnvironment = () =>
  useWorkflowMutation(({ id, ...changes }: { id: string } & EnvironmentChanges) => updateEnvironment(id, changes));
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
