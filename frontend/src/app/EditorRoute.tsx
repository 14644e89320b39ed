import { lazy } from "react";
import { useParams } from "react-router";
import { useWorkflow } from "@/product";
import { useCrumbs } from "@/ui";

const Editor = lazy(() => import("@/features/editor"));

/** The editor below its breadcrumb; a change of workflow begins with a fresh editor. */
export function EditorRoute() {
  const { workflowId } = useParams();
  const workflow = useWorkflow(workflowId);
  useCrumbs({ label: "Workflows", to: "/workflows" }, { label: workflow.data?.name ?? "Workflow" });
  return <Editor key={workflowId} />;
}
