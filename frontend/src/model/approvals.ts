/** Words of plans that wait for an approval. */
import type { WaitingPlan } from "@/contract";

const ACTS = [
  ["delete", "deletes"],
  ["recreate", "recreates"],
  ["conflict", "conflicts with others at"],
  ["update", "updates"],
  ["create", "creates"],
] as const;

/** What a run of it does, the most dangerous first: "deletes 1, updates 2". */
export function sayActs(counts: WaitingPlan["counts"]): string {
  const said = ACTS.filter(([effect]) => counts[effect] > 0).map(([effect, word]) => `${word} ${counts[effect]}`);
  return said.length > 0 ? said.join(", ") : "changes nothing";
}

/** "v3", or what a rollback returns to. */
export const sayWhat = ({ version, to_run }: Pick<WaitingPlan, "version" | "to_run">): string =>
  to_run ? `return to run #${to_run.number}` : version === null ? "saved graph" : `v${version}`;
