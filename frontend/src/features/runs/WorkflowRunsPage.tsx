import { useParams } from "react-router";
import { RunList } from "./RunList";

/** The runs of one workflow, below its name. */
export default function WorkflowRunsPage() {
  const { workflowId } = useParams();
  return <RunList workflowId={workflowId} />;
}
