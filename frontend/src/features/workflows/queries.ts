import { cloneWorkflow, createWorkflow, importWorkflow, unarchiveWorkflow } from "@/api";
import { useWorkflowMutation } from "@/product";

export const useCreateWorkflow = () => useWorkflowMutation(createWorkflow);
export const useImportWorkflow = () => useWorkflowMutation(importWorkflow);
export const useCloneWorkflow = () =>
  useWorkflowMutation(({ id, name }: { id: string; name: string }) => cloneWorkflow(id, name));
export const useUnarchiveWorkflow = () => useWorkflowMutation(unarchiveWorkflow);
