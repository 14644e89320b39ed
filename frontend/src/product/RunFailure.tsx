import { asProblem } from "@/api";
import type { Run, RunWithSteps } from "@/contract";
import { FIELD_CONFLICT, heldFields, isSuperseded } from "@/model/runs";
import { sentence } from "@/model/words";
import { ErrorState } from "@/ui";
import { useDeletionsQuestion } from "./deletions/useDeletionsQuestion";
import { useTakeOver } from "./queries/runs";
import { TakeOver } from "./TakeOver";

/** Why a run failed, as a whole or at one node. Where fields of other managers stopped it, offers to take them over. */
export function RunFailure({
  run,
  nodeId,
  mayRun,
  before,
  onTakenOver,
  className,
}: {
  run: RunWithSteps;
  /** Only what stopped this node. */
  nodeId?: string;
  /** False: taking over is not offered. */
  mayRun: boolean;
  /** Awaited before the next run starts, e.g. to save the graph. */
  before?: () => Promise<unknown>;
  /** The run that takes the fields over. */
  onTakenOver: (next: Run) => void;
  className?: string;
}) {
  const { ask, dialog } = useDeletionsQuestion(run.environment.name);
  const takeOver = useTakeOver(run, ask);
  const held = mayRun
    ? heldFields(run, run.steps).filter((each) => nodeId === undefined || each.nodeId === nodeId)
    : [];
  const blamed = nodeId ?? run.error?.node_id;
  const step = run.steps.find((each) => each.node_id !== null && each.node_id === blamed && each.error);
  const error = nodeId === undefined ? run.error : step?.error;
  // The next run took over: the sentence of the run says it, and nothing is to be mended here.
  if (nodeId === undefined && isSuperseded(run)) return null;
  const title =
    nodeId !== undefined
      ? `Refused in run #${run.number}`
      : step
        ? `${step.ref.kind} ${step.ref.name} was refused`
        : "Why it failed";
  return (
    <>
      {error && (held.length === 0 || error.code !== FIELD_CONFLICT) && (
        <ErrorState inline className={className} title={title} reason={sentence(error.detail)} details={error.code} />
      )}
      {held.length > 0 && (
        <TakeOver
          className={className}
          held={held}
          busy={takeOver.isPending}
          error={takeOver.error && sentence(asProblem(takeOver.error).detail)}
          onTakeOver={() => takeOver.mutate({ before }, { onSuccess: (next) => next && onTakenOver(next) })}
        />
      )}
      {dialog}
    </>
  );
}
