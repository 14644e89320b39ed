import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { asProblem, makePlan, startRun } from "@/api";
import type { Plan } from "@/contract";
import { runsKey, useIdempotencyKey, workflowKey } from "@/product";
import { useEditor } from "../state/session";

export interface Planning {
  readonly making: ReturnType<typeof useMakePlan>;
  readonly running: ReturnType<typeof useRunPlan>;
  /** Plans in the environment that is shown. */
  readonly plan: () => void;
}

/** Plans, and runs what was planned. */
export function usePlanning(): Planning {
  const { view } = useEditor();
  const making = useMakePlan();
  const running = useRunPlan();
  const { mutate } = making;
  const { reset } = running;
  const plan = useCallback(() => {
    const { environmentId } = view.getState();
    if (environmentId === null) return;
    reset();
    mutate(environmentId);
  }, [view, mutate, reset]);
  return { making, running, plan };
}

/** Saves, then asks what a run would do in the environment that is shown. */
function useMakePlan() {
  const { workflowId, view, autosaver } = useEditor();
  return useMutation({
    mutationFn: async (environment: string) => {
      await autosaver.flush();
      return makePlan(workflowId, { environment });
    },
    onMutate: () => view.setState({ planOpen: true, versionsOpen: false }),
  });
}

/** Runs just what the plan says; refused when that is no longer true. */
function useRunPlan() {
  const { workflowId, view } = useEditor();
  const client = useQueryClient();
  const { take, answered } = useIdempotencyKey();
  const followUp = useCallback(
    (runId: string) => {
      view.setState({ runId, drawer: "run", planOpen: false });
      void client.invalidateQueries({ queryKey: runsKey });
      void client.invalidateQueries({ queryKey: workflowKey(workflowId) });
    },
    [client, view, workflowId],
  );
  return useMutation({
    mutationFn: (plan: Plan) =>
      startRun(workflowId, { environment: plan.environment.id, plan: plan.id, idempotency_key: take() }),
    onSuccess: (run) => {
      answered();
      followUp(run.id);
    },
    onError: (error) => answered(asProblem(error)),
  });
}
