import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { asProblem, fetchPlan, makePlan, type NewPlan } from "@/api";
import type { Plan, PlanChoice, Workflow } from "@/contract";
import { kindIdOf } from "@/model/catalog";
import { planGraph, type MarkedGraph } from "@/model/markedGraph";
import { EMPTY_DOCUMENT } from "@/model/records";
import { workflowKey } from "@/product";
import { useLiveValue, useTopic } from "@/realtime";
import { useVersionGraph } from "../queries";
import { environmentTopic } from "../live";
import type { LensAddress } from "../state/lensAddress";
import { useDocument, useEditor } from "../state/session";

export const planKey = (planId: string) => ["plans", planId] as const;

export interface Planning {
  readonly making: ReturnType<typeof useMakePlan>;
  /** Plans the graph on the canvas in the environment that is shown, or in that of another plan. */
  readonly plan: (from?: Plan) => void;
  /** Plans the same version in the same environment again. */
  readonly again: (plan: Plan) => void;
  /** Plans again so that objects which are there and nobody's are taken over. */
  readonly adopt: (plan: Plan) => void;
  /** Plans again, with choices about fields of others. */
  readonly choose: (plan: Plan, choices: readonly PlanChoice[]) => void;
  readonly open: LensAddress["open"];
  /** The plan that the one shown took the place of, by its id. */
  readonly before: string | null;
}

/** Makes plans, and opens what was made. */
export function usePlanning(lens: LensAddress): Planning {
  const { view } = useEditor();
  const making = useMakePlan(lens);
  const { mutate } = making;
  const plan = useCallback(
    (from?: Plan) => {
      const environment = from?.environment.id ?? view.getState().environmentId;
      if (environment !== null) mutate({ environment, replaced: from?.id ?? null });
    },
    [view, mutate],
  );
  const again = useCallback((shown: Plan) => mutate({ ...sameAs(shown), replaced: shown.id }), [mutate]);
  const adopt = useCallback((shown: Plan) => mutate({ ...sameAs(shown), adopt: true, replaced: shown.id }), [mutate]);
  const choose = useCallback(
    (shown: Plan, choices: readonly PlanChoice[]) =>
      mutate({ ...sameAs(shown), choices: [...(sameAs(shown).choices ?? []), ...choices], replaced: shown.id }),
    [mutate],
  );
  const before = making.data?.id === lens.plan ? (making.variables?.replaced ?? null) : null;
  return { making, plan, again, adopt, choose, open: lens.open, before };
}

interface Asked extends NewPlan {
  readonly replaced: string | null;
}

/** What a plan is made of, to make it again. */
function sameAs({ environment, version, options, choices }: Plan): NewPlan {
  const chosen = choices.map(({ ref, path, choice }) => ({ ref, path, choice }));
  return { environment: environment.id, ...(version === null ? {} : { version }), ...options, choices: chosen };
}

/** Asks what a run would do; saves first what is on the canvas. */
function useMakePlan(lens: LensAddress) {
  const { workflowId, view, autosaver } = useEditor();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ replaced: _replaced, ...wanted }: Asked) => {
      if (wanted.version === undefined) await autosaver.flush();
      return makePlan(workflowId, wanted);
    },
    onMutate: () => view.setState({ planAsked: true, versionsOpen: false }),
    onSuccess: (plan) => {
      client.setQueryData(planKey(plan.id), plan);
      // Whoever has gone back to the editor meanwhile is left there.
      if (!view.getState().planAsked) return;
      view.setState({ planAsked: false });
      lens.open({ plan: plan.id });
    },
  });
}

/**
 * So often the cluster is asked whether a plan is still true; a large plan costs more to check. In between, the server
 * tells what its watch sees; it follows the latest plans of an environment.
 */
const CHECK_MS = 8_000;
const CHECK_LARGE_MS = 30_000;
const LARGE = 400;

/** A plan, with whether it is still true, looked at again and again while the page is seen. */
export function usePlan(planId: string) {
  return useQuery({
    queryKey: planKey(planId),
    queryFn: ({ signal }) => fetchPlan(planId, signal),
    staleTime: 1_000,
    refetchOnWindowFocus: "always",
    refetchInterval: ({ state }) => ((state.data?.objects.length ?? 0) > LARGE ? CHECK_LARGE_MS : CHECK_MS),
    retry: (count, error) => count < 2 && asProblem(error).status !== 404,
  });
}

/** Where a plan is gone, its workflow may be: then the page says so. */
export function useNoticeDeletion(workflowId: string, error: unknown): void {
  const client = useQueryClient();
  const isGone = error !== null && asProblem(error).status === 404;
  useEffect(() => {
    if (isGone) void client.invalidateQueries({ queryKey: workflowKey(workflowId), exact: true });
  }, [isGone, client, workflowId]);
}

/** Looks at a plan again as soon as something has moved, or somebody has approved or refused it. */
export function useFollowPlan({ id, environment }: Plan, refetch: () => Promise<unknown>): void {
  const topic = `plan:${id}`;
  useTopic(topic);
  const moved = useLiveValue<{ readonly at: string | null }>(topic, "plan")?.at ?? null;
  const decided = useLiveValue(environmentTopic(environment.id), topic);
  useEffect(() => {
    if (moved !== null || decided !== undefined) void refetch();
  }, [moved, decided, refetch]);
}

/** The graph that a plan is about, with its marks; what goes lies where it was in the version that is deployed. */
export function usePlanGraph(workflow: Workflow, plan: Plan) {
  const { catalog } = useEditor();
  const graph = useVersionGraph(workflow.id, plan.version);
  const canvas = useDocument((state) => state.document);
  // Who may not run makes no version: such a plan is shown on the canvas's own graph.
  const drawn = plan.version === null ? canvas : graph.data;
  const deployed = workflow.environments.find(({ id }) => id === plan.environment.id)?.deployed?.version ?? null;
  const before = useVersionGraph(workflow.id, deployed);
  const places = deployed === null || before.isError ? EMPTY_DOCUMENT : before.data;
  const { objects } = plan;
  const marked = useMemo((): MarkedGraph | null => {
    if (!drawn || !places) return null;
    return planGraph(drawn, objects, places, (ref) => kindIdOf(catalog, ref));
  }, [drawn, places, objects, catalog]);
  return { marked, error: graph.error, retry: graph.refetch };
}
