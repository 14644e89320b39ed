import { asProblem } from "@/api";
import type { Run } from "@/contract";
import { isRunning, isSuperseded } from "@/model/runs";
import { sentence } from "@/model/words";
import { useCancelRun, useDeletionsQuestion, useRetryRun } from "@/product";
import { Button, ErrorState, Tooltip } from "@/ui";
import { useEditor } from "../state/session";

/** Cancel while it runs, retry after it failed; a refusal takes a line of its own below them. */
export function RunActions({ run }: { run: Run }) {
  const session = useEditor();
  const cancel = useCancelRun();
  const { ask, dialog } = useDeletionsQuestion(run.environment.name, "Retry");
  const retry = useRetryRun(ask);
  if (isRunning(run.state)) {
    const asked = run.cancel_requested || cancel.isPending;
    return (
      <Tooltip
        text={
          cancel.isError
            ? sentence(asProblem(cancel.error).detail)
            : "Stops before the next object. Objects already applied are kept."
        }
      >
        <Button size="sm" disabled={asked} onClick={() => cancel.mutate(run.id)}>
          {asked ? "Canceling" : "Cancel"}
        </Button>
      </Tooltip>
    );
  }
  // After a run that overtook this one, the server starts only new ones.
  if (!isSuperseded(run) && (run.state === "failed" || run.state === "canceled")) {
    return (
      <>
        <Button
          size="sm"
          busy={retry.isPending}
          onClick={() =>
            retry.mutate(run.id, { onSuccess: (next) => next && session.view.setState({ runId: next.id }) })
          }
        >
          Retry
        </Button>
        {retry.isError && (
          <ErrorState
            inline
            className="order-last basis-full"
            title="Not retried"
            reason={sentence(asProblem(retry.error).detail)}
          />
        )}
        {dialog}
      </>
    );
  }
  return null;
}
