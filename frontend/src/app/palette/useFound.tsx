import { useQuery } from "@tanstack/react-query";
import { Box, Workflow as WorkflowIcon, Zap } from "lucide-react";
import { useMemo, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { fetchRuns, fetchWorkflows } from "@/api";
import type { Workflow } from "@/contract";
import { deploymentWord, EnvironmentHealth, stateOf, StatusGlyph, useClusters, worstOff } from "@/product";
import type { Command } from "@/ui";

/** A line of the palette. */
export interface Entry extends Command {
  /** Shown at the right end: the current state. */
  hint?: ReactNode;
}

const MOST = 8;
const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** Workflows that the server finds, clusters, and the newest runs; each opens its page. */
export function useFound(search: string): readonly Entry[] {
  const navigate = useNavigate();
  const { clusters } = useClusters();
  const workflows = useQuery({
    queryKey: ["palette", "workflows", search],
    queryFn: ({ signal }) => fetchWorkflows({ search, limit: MOST }, null, signal),
    placeholderData: (before) => before,
  });
  const runs = useQuery({
    queryKey: ["palette", "runs"],
    queryFn: ({ signal }) => fetchRuns({ limit: MOST }, null, signal),
  });
  return useMemo((): Entry[] => {
    const open = (path: string) => () => void navigate(path);
    return [
      ...(workflows.data?.results ?? []).map((workflow) => ({
        name: `workflow:${workflow.id}`,
        group: "Workflows",
        label: workflow.name,
        keywords: [...workflow.tags, workflow.description].join(" "),
        icon: <WorkflowIcon {...icon} />,
        hint: hintOf(workflow),
        perform: open(`/workflows/${workflow.id}`),
      })),
      ...(clusters ?? []).map((cluster) => ({
        name: `cluster:${cluster.id}`,
        group: "Clusters",
        label: cluster.name,
        icon: <Box {...icon} />,
        hint: <StatusGlyph status={cluster.state} />,
        perform: open(`/clusters?cluster=${cluster.id}`),
      })),
      ...(runs.data?.results ?? []).map((run) => ({
        name: `run:${run.id}`,
        group: "Runs",
        label: `${run.workflow.name} #${run.number}`,
        keywords: run.environment.name,
        icon: <Zap {...icon} />,
        hint: <StatusGlyph status={stateOf(run)} />,
        perform: open(`/runs/${run.id}`),
      })),
    ];
  }, [navigate, workflows.data, runs.data, clusters]);
}

/** How it is; where nothing is deployed, that. */
function hintOf({ state, environments }: Workflow): ReactNode {
  if (state === "archived") return <StatusGlyph status="archived" />;
  const worst = worstOff(environments);
  return worst ? (
    <EnvironmentHealth environment={worst} />
  ) : environments[0] ? (
    deploymentWord(environments[0])
  ) : (
    "never deployed"
  );
}
