import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { asProblem, fetchSecretKeys, newKey, startRun, type ApiError, type NewRun } from "@/api";
import type { Run, SecretNode } from "@/contract";
import type { Problem } from "@/model/checks";
import { sentence } from "@/model/words";
import { runsKey, workflowKey } from "@/product";
import { useEditor } from "../state/session";

export type RunStart =
  | { readonly type: "idle" }
  | { readonly type: "starting"; readonly what: "saving" | "asking" | "starting" }
  /** Values of Secrets are missing: ask for them. */
  | {
      readonly type: "secrets";
      readonly nodes: readonly SecretNode[];
      readonly error: string | null;
      readonly busy: boolean;
    }
  | { readonly type: "failed"; readonly reason: string };

export interface SecretAnswer {
  readonly secrets: Record<string, Record<string, string>>;
  readonly keep: boolean;
}

/**
 * Starts a run of exactly what is drawn: saves first, asks for missing secret values, then sends one request whose key
 * stays the same until it is answered, so that neither a double click nor a lost answer makes two runs.
 */
export function useRunWorkflow(): {
  state: RunStart;
  start: () => void;
  answer: (given: SecretAnswer) => void;
  dismiss: () => void;
} {
  const session = useEditor();
  const client = useQueryClient();
  const [state, setState] = useState<RunStart>({ type: "idle" });
  const busy = useRef(false);
  const key = useRef<string | null>(null);

  const send = useCallback(
    async (given: SecretAnswer | null, asked: readonly SecretNode[]): Promise<void> => {
      const environment = session.view.getState().environmentId;
      if (environment === null) return;
      key.current ??= newKey();
      const request: NewRun = {
        environment,
        idempotency_key: key.current,
        when_busy: "wait",
        ...(given ? { secrets: given.secrets, keep_secrets: given.keep } : {}),
      };
      try {
        const run = await postTwice(session.workflowId, request);
        key.current = null;
        session.view.setState({ runId: run.id, drawer: "run" });
        setState({ type: "idle" });
        await Promise.all([
          client.invalidateQueries({ queryKey: runsKey }),
          client.invalidateQueries({ queryKey: workflowKey(session.workflowId) }),
        ]);
      } catch (error) {
        const problem = asProblem(error);
        const reason = sentence(problem.detail);
        // Not answered: the run may stand. The same key next time gives that run instead of a second.
        if (problem.status !== 0) key.current = null;
        if (problem.code === "run.secrets_missing" && !given) {
          const nodes = await missingSecrets(session.workflowId, environment).catch(() => []);
          if (nodes.length > 0) return setState({ type: "secrets", nodes, error: null, busy: false });
        }
        if (problem.code === "run.graph_invalid") {
          const { save, saved, document } = session.document.getState();
          if (problem.errors.length > 0 && save.type === "saved")
            saved(save.rev, document, problem.errors.map(asProblemRow), Date.now());
          session.view.setState({ drawer: "problems" });
        }
        setState(given ? { type: "secrets", nodes: asked, error: reason, busy: false } : { type: "failed", reason });
      }
    },
    [session, client],
  );

  const start = useCallback(() => {
    const environment = session.view.getState().environmentId;
    if (busy.current || environment === null) return;
    busy.current = true;
    void (async () => {
      setState({ type: "starting", what: "saving" });
      try {
        await session.autosaver.flush();
        setState({ type: "starting", what: "asking" });
        const missing = await missingSecrets(session.workflowId, environment);
        if (missing.length > 0) return setState({ type: "secrets", nodes: missing, error: null, busy: false });
        setState({ type: "starting", what: "starting" });
        await send(null, []);
      } catch (error) {
        setState({ type: "failed", reason: sentence(asProblem(error).detail) });
      } finally {
        busy.current = false;
      }
    })();
  }, [session, send]);

  const answer = useCallback(
    (given: SecretAnswer) => {
      if (busy.current) return;
      busy.current = true;
      const nodes = state.type === "secrets" ? state.nodes : [];
      setState({ type: "secrets", nodes, error: null, busy: true });
      void send(given, nodes).finally(() => (busy.current = false));
    },
    [send, state],
  );

  const dismiss = useCallback(() => {
    key.current = null;
    setState({ type: "idle" });
  }, []);

  return { state, start, answer, dismiss };
}

/** The nodes with keys whose value nobody has, with those keys only. */
async function missingSecrets(workflowId: string, environment: string): Promise<SecretNode[]> {
  const { nodes } = await fetchSecretKeys(workflowId, environment);
  return nodes
    .map((node) => ({ ...node, keys: node.keys.filter((key) => !key.stored && key.in_cluster !== true) }))
    .filter((node) => node.keys.length > 0);
}

/** One more try when the answer got lost; the key makes that safe. */
async function postTwice(workflowId: string, run: NewRun): Promise<Run> {
  const post = (): Promise<Run> => startRun(workflowId, run);
  try {
    return await post();
  } catch (error) {
    if (asProblem(error).status !== 0) throw error;
    return post();
  }
}

function asProblemRow(error: ApiError): Problem {
  return {
    ...error,
    severity: error.severity ?? "error",
    node_ids: error.node_ids ?? [],
    edge_ids: error.edge_ids ?? [],
    field: error.field ?? null,
  };
}
