import { lazy } from "react";
import { useParams } from "react-router";
import { useWorkflow } from "@/product";
import { useCrumbs } from "@/ui";

const Editor = lazy(() => import("@/features/editor"));

/** The editor with its breadcrumb. Another workflow gets a new editor. */
export function EditorRoute() {
  const { workflowId } = useParams();
  const workflow = useWorkflow(workflowId);
  useCrumbs({ label: "Workflows", to: "/workflows" }, { label: workflow.data?.name ?? "Workflow" });
  return <Editor key={workflowId} />;
}
