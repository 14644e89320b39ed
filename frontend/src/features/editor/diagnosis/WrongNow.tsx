import { explain, Findings } from "@/product";
import { ErrorState, SkeletonRows } from "@/ui";
import { showRecords } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";
import { Mend } from "./Mend";
import { useDiagnosis } from "./useDiagnosis";

/** Everything that is wrong now in the environment, node by node. */
export function WrongNow() {
  const session = useEditor();
  const flow = useFlow();
  const { query } = useDiagnosis();
  const nodes = useDocument((state) => state.document.nodes);
  if (query.isPending) return <SkeletonRows rows={4} />;
  if (!query.data)
    return (
      <ErrorState title="It could not be looked at" {...explain(query.error)} onRetry={() => void query.refetch()} />
    );
  return (
    <div className="h-full overflow-y-auto">
      <Findings
        diagnosis={query.data}
        of={`this workflow in ${query.data.environment.name}`}
        subject={({ node_id, ref }) => (
          <button
            type="button"
            className="font-mono hover:underline"
            onClick={() => {
              showRecords(session, [node_id], [], flow);
              session.view.setState({ tab: "diagnosis" });
            }}
          >
            {ref.kind} {nodes[node_id]?.name ?? ref.name}
          </button>
        )}
        fix={(finding) => <Mend finding={finding} />}
      />
    </div>
  );
}
