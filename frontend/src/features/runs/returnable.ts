import type { Environment, Run } from "@/contract";

/** Whether an environment can go back to what this run applied: all of its objects, and not what is there now. */
export function isReturnable(
  run: Pick<Run, "id" | "state" | "kind" | "options">,
  environment: Pick<Environment, "deployed"> | undefined,
): boolean {
  return (
    run.state === "succeeded" &&
    run.kind !== "destroy" &&
    run.options.only.length === 0 &&
    environment !== undefined &&
    environment.deployed?.run_id !== run.id
  );
}

/** Whether this run is the last one that has changed its environment, so that going back takes it back. */
export function isUndoable(
  run: Pick<Run, "id" | "state" | "kind" | "options" | "rolled_back_by" | "created_at" | "counts">,
  environment: Pick<Environment, "deployed" | "active_run"> | undefined,
): boolean {
  if (environment === undefined || environment.active_run !== null || run.kind === "destroy") return false;
  const { deployed } = environment;
  if (deployed?.run_id === run.id) return true;
  const brokeOff = (run.state === "failed" || run.state === "canceled") && run.rolled_back_by === null;
  return brokeOff && run.counts.done > 0 && deployed !== null && Date.parse(run.created_at) > Date.parse(deployed.at);
}
