import { explain, Findings } from "@/product";
import { EmptyState, ErrorState, SkeletonRows } from "@/ui";
import { useDocument } from "../state/session";
import { Mend } from "./Mend";
import { useDiagnosis } from "./useDiagnosis";

/** Why the objects of a node are not as they should be, and the edits that mend it. */
export function DiagnosisTab({ nodeId }: { nodeId: string }) {
  const { query, environmentId } = useDiagnosis(nodeId);
  const name = useDocument((state) => state.document.nodes[nodeId]?.name ?? nodeId);
  if (environmentId === null)
    return (
      <EmptyState title="No environment chosen">Choose an environment above to see what is wrong there.</EmptyState>
    );
  if (query.isPending) return <SkeletonRows rows={4} />;
  if (!query.data)
    return (
      <ErrorState title="It could not be looked at" {...explain(query.error)} onRetry={() => void query.refetch()} />
    );
  return <Findings diagnosis={query.data} of={name} fix={(finding) => <Mend finding={finding} />} />;
}
