import { useQuery } from "@tanstack/react-query";
import { fetchWorkflowDiagnosis } from "@/api";
import { useDocument, useEditor, useView } from "../state/session";

const OLD_AFTER_MS = 30_000;

/** What is wrong now in the environment that is shown, or with one node of it. */
export function useDiagnosis(nodeId?: string) {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  // The fixes are edits of what is drawn.
  const rev = useDocument((state) => state.save.rev);
  const query = useQuery({
    queryKey: ["workflow-diagnosis", workflowId, environmentId, nodeId, rev],
    queryFn: ({ signal }) => fetchWorkflowDiagnosis(workflowId, environmentId ?? "", nodeId, signal),
    enabled: environmentId !== null,
    staleTime: OLD_AFTER_MS,
    refetchInterval: OLD_AFTER_MS,
    retry: false,
  });
  return { query, environmentId };
}
