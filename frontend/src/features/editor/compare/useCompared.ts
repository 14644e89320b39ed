import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { asProblem, fetchPlan, makePlan } from "@/api";
import type { Plan, Workflow } from "@/contract";
import { kindIdOf } from "@/model/catalog";
import { compareGraphs, comparePlans, compareWithLive, sideText, type Compared, type Side } from "@/model/compareSides";
import { EMPTY_DOCUMENT, type GraphDocument } from "@/model/records";
import { planKey } from "../plan/usePlan";
import { useVersionGraph } from "../queries";
import { useDocument, useEditor, useView } from "../state/session";

export interface Comparing {
  readonly compared: Compared | null;
  readonly error: unknown;
  readonly retry: () => void;
  /** The environment of the side that is live; null where neither is. */
  readonly environmentId: string | null;
}

/** The differences that lead from one side to the other. */
export function useCompared(workflow: Workflow, from: Side, to: Side): Comparing {
  const { catalog } = useEditor();
  const isLive = from.type === "live" || to.type === "live";
  const environmentId = useView((state) => state.environmentId);
  const [left, right] = [useSide(from), useSide(to)];
  const graphSide = from.type === "live" ? to : from;
  const live = useAgainstLive(isLive ? environmentId : null, graphSide);
  const deployed = workflow.environments.find(({ id }) => id === environmentId)?.deployed?.version ?? null;
  const before = useVersionGraph(workflow.id, isLive ? deployed : null);
  const compared = useMemo((): Compared | null => {
    const kindOf = (ref: Plan["objects"][number]["ref"]): string => kindIdOf(catalog, ref);
    const graph = from.type === "live" ? right.graph : left.graph;
    if (isLive) {
      const plan = graphSide.type === "plan" ? (from.type === "live" ? right.plan : left.plan) : live.data;
      const places = deployed === null || before.isError ? EMPTY_DOCUMENT : before.data;
      if (!plan || !graph || !places) return null;
      return compareWithLive(graph, plan.objects, places, kindOf, from.type === "live");
    }
    if (!left.graph || !right.graph) return null;
    if (left.plan && right.plan) return comparePlans(right.graph, left.plan.objects, right.plan.objects, kindOf);
    return compareGraphs(left.graph, right.graph);
  }, [catalog, from, isLive, graphSide, left, right, live.data, deployed, before.isError, before.data]);
  const failed = [left, right, live].find((query) => query.error);
  return {
    compared,
    error: failed?.error ?? null,
    retry: () => void Promise.all([left.refetch(), right.refetch(), isLive && live.refetch()]),
    environmentId: isLive ? environmentId : (right.plan?.environment.id ?? null),
  };
}

interface SideData {
  readonly graph: GraphDocument | undefined;
  readonly plan: Plan | undefined;
  readonly error: unknown;
  readonly refetch: () => Promise<unknown>;
}

function useSide(side: Side): SideData {
  const { workflowId } = useEditor();
  const document = useDocument((state) => state.document);
  const planId = side.type === "plan" ? side.id : null;
  const plan = useQuery({
    queryKey: planKey(planId ?? ""),
    queryFn: ({ signal }) => fetchPlan(planId ?? "", signal),
    enabled: planId !== null,
    // Its objects never change.
    staleTime: Infinity,
  });
  const number = side.type === "version" ? side.number : (plan.data?.version ?? null);
  const version = useVersionGraph(workflowId, number);
  const graph = side.type === "current" ? document : number === null ? undefined : version.data;
  const error = plan.error ?? version.error;
  const { refetch: refetchPlan } = plan;
  const { refetch: refetchVersion } = version;
  return useMemo(
    () => ({
      graph,
      plan: planId === null ? undefined : plan.data,
      error,
      refetch: () => Promise.all([planId !== null && refetchPlan(), number !== null && refetchVersion()]),
    }),
    [graph, plan.data, planId, number, error, refetchPlan, refetchVersion],
  );
}

/** What the cluster has against a graph is what a plan of that graph says: it is made for it. */
function useAgainstLive(environmentId: string | null, side: Side) {
  const { workflowId, autosaver } = useEditor();
  const rev = useDocument((state) => state.save.rev);
  const version = side.type === "version" ? side.number : undefined;
  return useQuery({
    queryKey: ["plans", "against live", workflowId, environmentId, sideText(side), version === undefined ? rev : null],
    queryFn: async () => {
      if (version === undefined) await autosaver.flush();
      return makePlan(workflowId, { environment: environmentId ?? "", ...(version === undefined ? {} : { version }) });
    },
    enabled: environmentId !== null && (side.type === "version" || side.type === "current"),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    retry: (count, error) => count < 1 && asProblem(error).status === 0,
  });
}
