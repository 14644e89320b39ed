import { History, Server, Settings, Zap } from "lucide-react";
import { lazy, useMemo } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { Environment } from "@/contract";
import { InsideProvider, markOf, useEnvironmentHealth, useWorkflow, worstOff, type Inside } from "@/product";
import { useCommands, useCrumbs, useTabMark, type Command } from "@/ui";

const Editor = lazy(() => import("@/features/editor"));
const INSIDE: Inside = {
  Logs: lazy(() => import("@/features/logs/LogsOf")),
  Shells: lazy(() => import("@/features/terminal/ShellsOf")),
};
const NONE: readonly Environment[] = [];

/** The editor with its breadcrumb. Another workflow gets a new editor. */
export function EditorRoute() {
  const { workflowId = "" } = useParams();
  const navigate = useNavigate();
  const workflow = useWorkflow(workflowId);
  useCrumbs({ label: "Workflows", to: "/workflows" }, { label: workflow.data?.name ?? "Workflow" });
  useCommands(
    useMemo(
      (): Command[] => [
        {
          name: "workflow.settings",
          label: "Workflow settings: name, description, tags",
          group: "Workflow",
          keywords: "rename describe archive delete",
          icon: <Settings size={16} strokeWidth={1.5} aria-hidden />,
          perform: () => void navigate(`/workflows/${workflowId}/settings`),
        },
        {
          name: "workflow.runs",
          label: "Runs of this workflow",
          group: "Workflow",
          keywords: "history rollback return undo",
          icon: <Zap size={16} strokeWidth={1.5} aria-hidden />,
          perform: () => void navigate(`/workflows/${workflowId}/runs`),
        },
        {
          name: "workflow.versions",
          label: "All versions, and where each is deployed",
          group: "Workflow",
          keywords: "history run again",
          icon: <History size={16} strokeWidth={1.5} aria-hidden />,
          perform: () => void navigate(`/workflows/${workflowId}/versions`),
        },
        {
          name: "workflow.environments",
          label: "Environments and variables",
          group: "Workflow",
          keywords: "undeploy destroy cluster namespace variables settings",
          icon: <Server size={16} strokeWidth={1.5} aria-hidden />,
          perform: () => void navigate(`/workflows/${workflowId}/settings`),
        },
      ],
      [navigate, workflowId],
    ),
  );
  return (
    <>
      <TabHealth environments={workflow.data?.environments ?? NONE} />
      <InsideProvider value={INSIDE}>
        <Editor key={workflowId} />
      </InsideProvider>
    </>
  );
}

/** The title of the tab shows how the environment in view is; apart, since it changes more often than the page. */
function TabHealth({ environments }: { environments: readonly Environment[] }) {
  const [address] = useSearchParams();
  const shown = environments.find((each) => each.id === address.get("environment")) ?? worstOff(environments);
  const live = useEnvironmentHealth(shown?.health ? shown.id : null);
  useTabMark(markOf(live ?? shown?.health?.health));
  return null;
}
