import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { memo } from "react";
import { useParams } from "react-router";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { cureFor, useSession, useWorkflow, workflowKey } from "@/product";
import { ErrorState, LinkButton } from "@/ui";
import { EditorSkeleton } from "./EditorSkeleton";
import { OpenEditor } from "./OpenEditor";
import { useCatalog } from "./queries";
import { useLinked, type Linked } from "./state/address";
import { readGraph } from "./state/openSession";

/** The page of one workflow. */
export default function EditorPage() {
  const { workflowId = "" } = useParams();
  return <LoadedEditor key={workflowId} workflowId={workflowId} linked={useLinked()} />;
}

interface LoadedEditorProps {
  readonly workflowId: string;
  readonly linked: Linked;
}

// The page renders at each change of its address, so at each selection; the editor below does not depend on it.
const LoadedEditor = memo(function LoadedEditor({ workflowId, linked }: LoadedEditorProps) {
  const person = useSession();
  const workflow = useWorkflow(workflowId);
  const catalog = useCatalog();
  const graph = useQuery({
    queryKey: [...workflowKey(workflowId), "graph", "open"],
    queryFn: ({ signal }) => readGraph(workflowId, signal),
    // Read once when the editor opens; from then on the document store has the graph.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    refetchOnMount: "always",
    structuralSharing: false,
  });
  const failed = [workflow, catalog, graph].find((query) => query.isError && !query.data);
  if (failed) {
    const problem = asProblem(failed.error);
    return (
      <ErrorState
        title={problem.status === 404 ? "This workflow does not exist" : "The workflow could not be opened"}
        page
        reason={problem.status === 404 ? undefined : sentence(problem.detail)}
        cure={cureFor(problem)}
        details={problem.describe()}
        onRetry={() => void Promise.all([workflow.refetch(), catalog.refetch(), graph.refetch()])}
        action={<LinkButton to="/workflows">All workflows</LinkButton>}
      />
    );
  }
  if (workflow.data && workflow.isError && asProblem(workflow.error).status === 404)
    return (
      <ErrorState
        page
        title={`${workflow.data.name} was deleted`}
        reason="The workflow was deleted while it was open here, with its versions, plans and runs."
        action={<LinkButton to="/workflows">All workflows</LinkButton>}
      />
    );
  if (!workflow.data || !catalog.data || !graph.data || !person.data) return <EditorSkeleton />;
  const role = person.data.user?.teams.find((team) => team.id === workflow.data.team.id)?.role;
  const readOnly = workflow.data.state === "archived" || (role === "viewer" && !person.data.user?.is_admin);
  return (
    <ReactFlowProvider>
      <OpenEditor
        key={String(readOnly)}
        workflow={workflow.data}
        catalog={catalog.data}
        graph={graph.data}
        readOnly={readOnly}
        linked={linked}
      />
    </ReactFlowProvider>
  );
});
