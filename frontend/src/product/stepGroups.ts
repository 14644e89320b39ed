import type { Step } from "@/contract";
import { stepsByWave } from "@/model/stepsByWave";

/** Objects of a run under one heading. */
export interface StepGroup {
  readonly key: string;
  readonly title: string;
  /** Which kinds, and what it waits for. */
  readonly hint: string;
  readonly isDeletion: boolean;
  readonly steps: readonly Step[];
}

/** Deletions first, since they cannot be taken back; then the waves in their order; then what stays in the cluster. */
export function groupSteps(steps: readonly Step[]): StepGroup[] {
  const deleted = steps.filter((step) => step.action === "delete");
  const kept = steps.filter((step) => step.action === "keep");
  const returned = steps.filter((step) => step.action === "give_back");
  const others = new Set([...deleted, ...kept, ...returned]);
  const waves = stepsByWave(steps.filter((step) => !others.has(step)));
  const group = (key: string, title: string, hint: string, members: readonly Step[]): StepGroup[] =>
    members.length === 0 ? [] : [{ key, title, hint, isDeletion: key === "deleted", steps: members }];
  return [
    ...group(
      "deleted",
      "Deletions",
      waves.length > 0 ? "no longer in the workflow; after everything else" : "",
      deleted,
    ),
    ...waves.flatMap(([wave, members], index) =>
      group(
        `wave ${wave}`,
        `Wave ${index + 1}`,
        sayKinds(members) + (index > 0 ? ` · after wave ${index}` : ""),
        members,
      ),
    ),
    ...group(
      "returned",
      "Given back",
      "no longer in the workflow; our labels are gone, and what it set on them stays",
      returned,
    ),
    ...group("kept", "Kept", "no longer in the workflow, and left in the cluster", kept),
  ];
}

/** The part of the run's time that a step took, in percent of the whole. Null before it started. */
export function spanOf(
  step: Pick<Step, "started_at" | "finished_at" | "state">,
  range: readonly [from: number, to: number],
  now: number,
): { readonly left: number; readonly width: number } | null {
  if (!step.started_at) return null;
  const [from, to] = range;
  const whole = Math.max(to - from, 1);
  const start = Date.parse(step.started_at);
  const end = step.finished_at ? Date.parse(step.finished_at) : step.state === "running" ? now : start;
  const percent = (ms: number) => Math.min(100, Math.max(0, (ms / whole) * 100));
  return { left: percent(start - from), width: percent(end - start) };
}

/** From the first start to the last end, in ms; until `now` while a step runs. */
export function rangeOf(
  steps: readonly Pick<Step, "started_at" | "finished_at" | "state">[],
  now: number,
): readonly [from: number, to: number] {
  let [from, to] = [Infinity, -Infinity];
  for (const step of steps) {
    if (!step.started_at) continue;
    from = Math.min(from, Date.parse(step.started_at));
    to = Math.max(to, step.state === "running" ? now : Date.parse(step.finished_at ?? step.started_at));
  }
  return from === Infinity ? [now, now] : [from, to];
}

function sayKinds(steps: readonly Step[]): string {
  const kinds = [...new Set(steps.map((step) => step.ref.kind))];
  return kinds.length > 4 ? `${kinds.slice(0, 3).join(", ")} and ${kinds.length - 3} more kinds` : kinds.join(", ");
}
