import type { BuildStep } from "@/contract";
import { stateOfStep, type StepState } from "@/model/buildWords";
import { StatusGlyph } from "@/product";
import { cx, Elapsed } from "@/ui";

const GLYPH = {
  pending: "pending",
  running: "running",
  cached: "unchanged",
  failed: "failed",
  done: "done",
} as const satisfies Record<StepState, string>;
const WORD: Record<StepState, string> = {
  pending: "waits",
  running: "runs",
  cached: "cached",
  failed: "failed",
  done: "done",
};

/** The steps of the engine, with their time, and whether they were cached. */
export function StepList({ steps, className }: { steps: readonly BuildStep[]; className?: string }) {
  if (steps.length === 0) return <p className={cx("px-5 py-3 text-12 text-muted", className)}>No steps yet.</p>;
  return (
    <ol aria-label="Steps" className={cx("flex flex-col", className)}>
      {steps.map((step) => {
        const state = stateOfStep(step);
        return (
          <li key={step.number} className="flex items-start gap-2 border-b border-line px-5 py-1.5 text-12">
            <span className="tnum w-6 shrink-0 text-right text-faint">#{step.number}</span>
            <StatusGlyph status={GLYPH[state]} word={false} className="mt-0.5" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-mono" title={step.name}>
                {step.name}
              </span>
              {step.error && <span className="block break-words text-bad">{step.error}</span>}
            </span>
            <span className="tnum shrink-0 text-muted">
              {state === "cached" || !step.started_at ? (
                WORD[state]
              ) : (
                <Elapsed from={step.started_at} to={step.ended_at} />
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
