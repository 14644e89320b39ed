import type { BuildStep } from "@/contract";
import { reasonOfAll, shortError, stateOfStep, type StepState } from "@/model/buildWords";
import { StatusGlyph } from "@/product";
import { cx, Elapsed } from "@/ui";

const GLYPH = {
  pending: "pending",
  running: "running",
  cached: "unchanged",
  failed: "failed",
  done: "done",
  stopped: "canceled",
} as const satisfies Record<StepState, string>;
const WORD: Record<StepState, string> = {
  pending: "waits",
  running: "runs",
  cached: "cached",
  failed: "failed",
  done: "done",
  stopped: "stopped",
};

/** The steps of the engine, with their time, and whether they were cached. */
export function StepList({
  steps,
  isOver,
  onOpen,
  className,
}: {
  steps: readonly BuildStep[];
  /** Whether the build has ended. */
  isOver: boolean;
  /** Show what a step has printed. */
  onOpen: (step: number) => void;
  className?: string;
}) {
  if (steps.length === 0)
    return (
      <p className={cx("px-5 py-3 text-12 text-muted", className)}>{isOver ? "No steps were run." : "No steps yet."}</p>
    );
  const ofAll = reasonOfAll(steps);
  return (
    <ol aria-label="Steps" className={cx("flex flex-col", className)}>
      {ofAll && <li className="border-b border-line px-5 py-1.5 text-12 text-muted">Not cached: {ofAll}.</li>}
      {steps.map((step) => {
        const state = stateOfStep(step, isOver);
        return (
          <li key={step.number} className="border-b border-line">
            <button
              type="button"
              onClick={() => onOpen(step.number)}
              className="flex w-full items-start gap-2 px-5 py-1.5 text-left text-12 hover:bg-hover"
            >
              <span className="tnum w-6 shrink-0 text-right text-faint">#{step.number}</span>
              <StatusGlyph status={GLYPH[state]} word={false} className="mt-0.5" />
              <span className="min-w-0 flex-1">
                <span className="line-clamp-2 font-mono wrap-anywhere" title={step.name}>
                  {step.name}
                </span>
                {step.why && !ofAll && state === "done" && (
                  <span className="block break-words text-muted">Not cached: {step.why}.</span>
                )}
                {step.error && <span className="block break-words text-bad">{shortError(step.error)}</span>}
              </span>
              <span className="tnum shrink-0 text-muted">
                {state === "cached" || state === "stopped" || !step.started_at ? (
                  WORD[state]
                ) : (
                  <Elapsed from={step.started_at} to={step.ended_at} />
                )}
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
