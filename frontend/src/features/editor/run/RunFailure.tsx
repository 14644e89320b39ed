import { asProblem } from "@/api";
import type { RunWithSteps } from "@/contract";
import { FIELD_CONFLICT, heldFields } from "@/model/runs";
import { sentence } from "@/model/words";
import { TakeOver, useTakeOver } from "@/product";
import { ErrorState } from "@/ui";
import { useDocument, useEditor } from "../state/session";

/** Why a run failed, as a whole or at one node; where fields of others stopped it, with the way on. */
export function RunFailure({ run, nodeId, className }: { run: RunWithSteps; nodeId?: string; className?: string }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const takeOver = useTakeOver(run);
  const held = readOnly
    ? []
    : heldFields(run, run.steps).filter((each) => nodeId === undefined || each.nodeId === nodeId);
  const error =
    nodeId === undefined ? run.error : run.steps.find((step) => step.node_id === nodeId && step.error)?.error;
  return (
    <>
      {error && (held.length === 0 || error.code !== FIELD_CONFLICT) && (
        <ErrorState
          inline
          className={className}
          title={nodeId === undefined ? "The run failed" : `Refused in run #${run.number}`}
          reason={sentence(error.detail)}
        />
      )}
      {held.length > 0 && (
        <TakeOver
          className={className}
          held={held}
          busy={takeOver.isPending}
          error={takeOver.error && sentence(asProblem(takeOver.error).detail)}
          onTakeOver={() =>
            takeOver.mutate(
              { before: session.autosaver.flush },
              { onSuccess: (next) => session.view.setState({ runId: next.id, drawer: "run" }) },
            )
          }
        />
      )}
    </>
  );
}
