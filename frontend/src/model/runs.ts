/** Rules about a run and its steps. */
import type { LogLine, Run, RunState, Step } from "@/contract";

const OPEN_STATES: ReadonlySet<RunState> = new Set(["queued", "planning", "applying", "verifying"]);
export const isRunning = (state: RunState): boolean => OPEN_STATES.has(state);

/** True for a run that did not fail by itself: the next one took over before its objects were healthy. */
export const isSuperseded = (run: { readonly error: Run["error"] }): boolean => run.error?.code === "run.superseded";

/** The error code of an object when another manager holds a field that the run sets. */
export const FIELD_CONFLICT = "cluster.field_conflict";

export interface HeldFields {
  /** "Deployment web" */
  readonly object: string;
  readonly nodeId: string | null;
  /** Empty where the server names nobody. */
  readonly by: readonly { readonly manager: string; readonly paths: readonly string[] }[];
}

/** The fields of other managers that failed a run; empty for a run that failed otherwise, or is still open. */
export function heldFields(
  run: Pick<Run, "kind" | "state">,
  steps: readonly Pick<Step, "node_id" | "ref" | "error">[],
): HeldFields[] {
  if (run.state !== "failed" || run.kind === "destroy") return [];
  return steps
    .filter((step) => step.error?.code === FIELD_CONFLICT)
    .map((step) => ({
      object: `${step.ref.kind} ${step.ref.name}`,
      nodeId: step.node_id,
      by: step.error?.owners ?? [],
    }));
}

/** The object that a log line is about: of the node's objects the one that the line names, else the first. */
export function speakerOf(
  line: Pick<LogLine, "node_id" | "message">,
  steps: readonly Pick<Step, "node_id" | "ref">[],
): string | null {
  if (!line.node_id) return null;
  const names = steps.filter((step) => step.node_id === line.node_id).map((step) => step.ref.name);
  const words = new Set(line.message.split(/[^\w.-]+/).map((word) => word.replace(/\.$/, "")));
  return names.find((name) => words.has(name)) ?? names[0] ?? line.node_id;
}
