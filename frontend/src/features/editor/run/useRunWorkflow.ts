import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { asProblem, startRun, type ApiProblem, type ConfirmedDeletions, type NewRun } from "@/api";
import type { ObjectRef, Plan, Run, SecretNode } from "@/contract";
import { sentence } from "@/model/words";
import { runsKey, useDeletionsQuestion, useIdempotencyKey, workflowKey } from "@/product";
import { asGraphProblem } from "../server";
import { useEditor } from "../state/session";

export type RunStart =
  | { readonly type: "idle" }
  | { readonly type: "starting" }
  /** Keys of Secrets have no value: ask for them. */
  | SecretsAsked
  | {
      readonly type: "failed";
      readonly reason: string;
      readonly code: string;
      /** Why, where others manage what would be set. */
      readonly fields: readonly FieldOfOthers[];
    };

export interface FieldOfOthers {
  readonly ref: ObjectRef;
  readonly path: string;
  /** Who manages it, as people call it. */
  readonly name: string;
}

export interface SecretsAsked {
  readonly type: "secrets";
  readonly nodes: readonly SecretNode[];
  readonly error: string | null;
  readonly busy: boolean;
}

export interface SecretAnswer {
  /** By node id, then by key. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly keep: boolean;
}

/** What a person chooses for one run. */
export type RunOptions = Pick<NewRun, "deadline_s">;

export interface RunWorkflow {
  readonly state: RunStart;
  readonly start: (options?: RunOptions) => void;
  readonly answer: (given: SecretAnswer) => void;
  readonly dismiss: () => void;
  /** Asks before the run deletes objects. */
  readonly question: ReactNode;
}

/** A run of just what a plan says. */
export interface Planned {
  readonly plan: Pick<Plan, "id" | "environment">;
  /** What the person has agreed to, where the plan asks for it. */
  readonly confirmed?: ConfirmedDeletions;
  readonly onStarted: () => void;
}

/**
 * Starts a run of exactly what is on the canvas: saves, then asks the server for the run. Where the server misses values of
 * Secrets it names their keys; the person is asked for them, and the run is asked for again with their values. Where
 * objects would be deleted it names those, and the run is asked for again once the person has agreed. With `planned` the
 * run does what that plan says, in its environment, and nothing is saved before. `planned` must be stable.
 */
export function useRunWorkflow(environmentName: string, planned?: Planned): RunWorkflow {
  const session = useEditor();
  const client = useQueryClient();
  const key = useIdempotencyKey();
  const [state, setState] = useState<RunStart>({ type: "idle" });
  const busy = useRef(false);
  const chosen = useRef<RunOptions>({});
  const { ask, dialog } = useDeletionsQuestion(environmentName, "Run", { mayDeleteData: planned === undefined });

  const send = useCallback(
    async (environment: string, given: SecretAnswer | null): Promise<RunStart> => {
      const { answered, take } = key;
      const attempt = async (confirmed?: ConfirmedDeletions): Promise<Run> => {
        const request: NewRun = {
          environment,
          idempotency_key: take(),
          when_busy: "wait",
          ...(planned ? {} : { ask_kept: true }),
          ...chosen.current,
          ...(planned ? { plan: planned.plan.id, ...planned.confirmed } : {}),
          ...confirmed,
          ...(given ? { secrets: given.secrets, keep_secrets: given.keep } : {}),
        };
        try {
          return await startOnce(session.workflowId, request);
        } catch (error) {
          answered(error);
          throw error;
        }
      };
      let run: Run | null;
      try {
        run = await ask(attempt);
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code === "run.graph_invalid") showGraphProblems(session, problem);
        const nodes = missingSecrets(problem);
        if (nodes.length > 0) return { type: "secrets", nodes, error: null, busy: false };
        return failedWith(error);
      }
      answered();
      if (run === null) return { type: "idle" };
      session.view.setState({ runId: run.id, drawer: "run", environmentId: environment });
      planned?.onStarted();
      void client.invalidateQueries({ queryKey: runsKey });
      void client.invalidateQueries({ queryKey: workflowKey(session.workflowId) });
      return { type: "idle" };
    },
    [session, client, key, ask, planned],
  );

  const start = useCallback(
    (options: RunOptions = {}) => {
      const environment = planned?.plan.environment.id ?? session.view.getState().environmentId;
      if (busy.current || environment === null) return;
      busy.current = true;
      chosen.current = options;
      setState({ type: "starting" });
      void (planned ? Promise.resolve() : session.autosaver.flush())
        .then(() => send(environment, null))
        .catch(failedWith)
        .then(setState)
        .finally(() => (busy.current = false));
    },
    [session, send, planned],
  );

  const answer = useCallback(
    (given: SecretAnswer) => {
      const environment = planned?.plan.environment.id ?? session.view.getState().environmentId;
      if (busy.current || environment === null || state.type !== "secrets") return;
      busy.current = true;
      const asked = { ...state, error: null };
      setState({ ...asked, busy: true });
      void send(environment, given)
        // A refusal keeps the dialog open, with what was typed.
        .then((next) => setState(next.type === "failed" ? { ...asked, error: next.reason } : next))
        .finally(() => (busy.current = false));
    },
    [session, send, state, planned],
  );

  const dismiss = useCallback(() => {
    // The next press of Run is another run.
    key.answered();
    setState({ type: "idle" });
  }, [key]);

  return { state, start, answer, dismiss, question: dialog };
}

/** The Secrets for which a run was refused, each with the keys that have no value anywhere. */
function missingSecrets(problem: ApiProblem): readonly SecretNode[] {
  return problem.code === "run.secrets_missing" ? ((problem.extra.missing as SecretNode[] | undefined) ?? []) : [];
}

function failedWith(error: unknown): RunStart {
  const { code, detail, extra } = asProblem(error);
  const fields = code === "run.fields_of_others" ? ((extra.fields as FieldOfOthers[] | undefined) ?? []) : [];
  return { type: "failed", reason: sentence(detail), code, fields };
}

/** Tries once more when the answer got lost; the idempotency key makes that safe. */
async function startOnce(workflowId: string, run: NewRun): Promise<Run> {
  try {
    return await startRun(workflowId, run);
  } catch (error) {
    if (asProblem(error).status !== 0) throw error;
    return startRun(workflowId, run);
  }
}

/** The server found more than was known here: its problems are shown as those of the last save. */
function showGraphProblems(session: ReturnType<typeof useEditor>, problem: ApiProblem): void {
  const { save, saved, document } = session.document.getState();
  if (problem.errors.length > 0 && save.type === "saved")
    saved(save.rev, document, problem.errors.map(asGraphProblem), Date.now());
  session.view.setState({ drawer: "problems" });
}
