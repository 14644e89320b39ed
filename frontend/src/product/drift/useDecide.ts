import { useMutation, useQueryClient } from "@tanstack/react-query";
import { adoptDrift, asProblem, revertDrift, settleDrift, stopYielding, type DriftChoice } from "@/api";
import type { ObjectRef, Run } from "@/contract";
import { STAYS_A_MANAGER } from "@/model/fieldChoices";
import { sentence } from "@/model/words";
import { toast } from "@/ui";
import { runsKey, workflowsKey } from "../queries/keys";
import { driftKey, leftKey } from "./keys";

export type DriftDecision =
  | { readonly type: "revert"; readonly ref: ObjectRef }
  | { readonly type: "adopt"; readonly ref: ObjectRef }
  | { readonly type: "settle"; readonly ref: ObjectRef; readonly path: string; readonly choice: DriftChoice };

interface Deciding {
  readonly environmentId: string;
  /** A run was started that sets fields again. */
  readonly onRun: (run: Run) => void;
  /** Wraps what changes the saved graph, where the page shows it. */
  readonly changingGraph?: (change: () => Promise<unknown>) => Promise<void>;
}

/** Carries out what a person decides about drift, and says what has become of it. */
export function useDecide({ environmentId, onRun, changingGraph = async (change) => void (await change()) }: Deciding) {
  const client = useQueryClient();
  const refresh = () =>
    Promise.all(
      [driftKey, leftKey, runsKey, workflowsKey].map((queryKey) =>
        client.invalidateQueries({ queryKey: [...queryKey] }),
      ),
    );
  const takeBack = async (id: string, what: string): Promise<void> => {
    try {
      await stopYielding(environmentId, id);
      toast({ key: "drift", title: `${what} is not left to others any more` });
    } catch (error) {
      toast({ key: "drift", tone: "bad", title: "Not taken back", detail: sentence(asProblem(error).detail) });
    }
    await refresh();
  };
  return useMutation({
    mutationFn: async (decision: DriftDecision): Promise<Run | null> => {
      const { ref } = decision;
      if (decision.type === "revert") return revertDrift(environmentId, [ref]);
      if (decision.type === "adopt" || decision.choice === "share") {
        await changingGraph(() =>
          decision.type === "adopt"
            ? adoptDrift(environmentId, ref)
            : settleDrift(environmentId, ref, decision.path, decision.choice),
        );
        toast({
          key: "drift",
          tone: "ok",
          title: `Adopted from ${ref.kind} ${ref.name}`,
          detail: `The workflow has the cluster's value now. ${STAYS_A_MANAGER}`,
        });
        return null;
      }
      const settled = await settleDrift(environmentId, ref, decision.path, decision.choice);
      const left = settled.yield;
      if (left)
        toast({
          key: "drift",
          tone: "ok",
          title: `${left.path} is left to others`,
          detail: `Runs do not set it in ${ref.kind} ${ref.name}, until you take it back or the object is made anew.`,
          action: { label: "Undo", onClick: () => void takeBack(left.id, left.path) },
        });
      return settled.run;
    },
    onSuccess: (run) => run && onRun(run),
    onSettled: refresh,
  });
}
