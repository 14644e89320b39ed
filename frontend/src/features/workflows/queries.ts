import { cloneWorkflow, createWorkflow, importWorkflow, releaseVersion, unarchiveWorkflow } from "@/api";
import { useWorkflowMutation } from "@/product";

export const useCreateWorkflow = () => useWorkflowMutation(createWorkflow);
export const useImportWorkflow = () => useWorkflowMutation(importWorkflow);
export const useCloneWorkflow = () =>
  useWorkflowMutation(({ id, name }: { id: string; name: string }) => cloneWorkflow(id, name));
export const useUnarchiveWorkflow = () => useWorkflowMutation(unarchiveWorkflow);

export const useReleaseVersion = (environmentId: string) =>
  useWorkflowMutation((version: number) => releaseVersion(environmentId, version));
