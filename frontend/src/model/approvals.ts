/** Words of plans that wait for an approval. */
import type { AskedPlan } from "@/contract";

const ACTS = [
  ["delete", "deletes"],
  ["recreate", "recreates"],
  ["conflict", "conflicts with others at"],
  ["update", "updates"],
  ["create", "creates"],
] as const;

/** What a run of it does, the most dangerous first: "deletes 1, updates 2". */
export function sayActs(counts: AskedPlan["counts"]): string {
  const said = ACTS.filter(([effect]) => counts[effect] > 0).map(([effect, word]) => `${word} ${counts[effect]}`);
  return said.length > 0 ? said.join(", ") : "changes nothing";
}

/** "v3", or what a rollback returns to. */
export const sayWhat = ({ version, to_run }: Pick<AskedPlan, "version" | "to_run">): string =>
  to_run ? `return to run #${to_run.number}` : version === null ? "saved graph" : `v${version}`;

/** Where a plan is looked at, and run. */
export const planPath = ({ id, workflow, environment }: Pick<AskedPlan, "id" | "workflow" | "environment">): string =>
  `/workflows/${workflow.id}?environment=${environment.id}&plan=${id}`;

/** What became of a plan, in the order in which it matters to who looks. */
export type Standing = "to run" | "waiting" | "refused" | "moved" | "withdrawn" | "ran";

export function standingOf({ approval, run, still_true: stillTrue, waits }: AskedPlan): Standing | null {
  if (run) return "ran";
  if (approval.state === "refused" || approval.state === "withdrawn") return approval.state;
  if (approval.state === "approved") return stillTrue === false ? "moved" : "to run";
  if (!waits) return null; // a later one of the same person took its place
  return stillTrue === false ? "moved" : "waiting";
}

export interface StandingPlan {
  readonly plan: AskedPlan;
  readonly standing: Standing;
}

/**
 * Of the plans of an environment, newest first, those of which something is still to be done or known: what may run,
 * what waits, and of each person the last one, where it was not run.
 */
export function standingIn(plans: readonly AskedPlan[]): StandingPlan[] {
  const seen = new Set<string>();
  const found: StandingPlan[] = [];
  for (const plan of plans) {
    const standing = standingOf(plan);
    if (standing === null) continue;
    const isLast = !seen.has(plan.by.id);
    seen.add(plan.by.id);
    if (standing === "to run" || standing === "waiting" || (isLast && standing !== "ran"))
      found.push({ plan, standing });
  }
  return found;
}
