import { useMemo } from "react";
import type { RunWithSteps, Step } from "@/contract";
import { isRunning } from "@/model/runs";
import { ACTION_WORD } from "@/model/runWords";
import { stepsByWave } from "@/model/stepsByWave";
import { sentence } from "@/model/words";
import { KindIcon, StatusGlyph } from "@/product";
import { cx, Elapsed } from "@/ui";

/** The steps of a run: a column for each wave, a row for each object. */
export function Waves({
  run,
  chosen,
  onChoose,
}: {
  run: RunWithSteps;
  chosen: Step | null;
  onChoose: (step: Step | null) => void;
}) {
  const waves = useMemo(() => stepsByWave(run.steps), [run.steps]);
  if (waves.length === 0)
    return (
      <div className="flex min-h-0 flex-1 items-center justify-center text-13 text-muted">
        {isRunning(run.state) ? "Objects appear here when the plan is ready." : "This run has no objects."}
      </div>
    );
  return (
    // A scrollable region must be reachable by keyboard.
    <div
      role="region"
      aria-label="Objects by wave"
      tabIndex={0}
      className="flex min-h-40 flex-1 gap-4 overflow-auto p-5 focus-visible:outline-offset-[-2px]"
    >
      {waves.map(([wave, steps], index) => {
        const settled = steps.filter((step) => step.state !== "pending" && step.state !== "running").length;
        return (
          <section key={wave} aria-label={`Wave ${index + 1}`} className="flex h-fit max-w-80 min-w-52 flex-1 flex-col">
            <h2 className="flex items-baseline justify-between pb-2 text-12 font-medium text-muted">
              <span>Wave {index + 1}</span>
              <span className="tnum font-normal">
                {settled}/{steps.length}
              </span>
            </h2>
            <ul className="flex flex-col overflow-hidden rounded-card border border-line bg-surface">
              {steps.map((step) => (
                <StepRow
                  key={step.index}
                  step={step}
                  active={chosen?.index === step.index}
                  onChoose={() => onChoose(chosen?.index === step.index ? null : step)}
                />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function StepRow({ step, active, onChoose }: { step: Step; active: boolean; onChoose: () => void }) {
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_44px] [content-visibility:auto] last:border-b-0">
      <button
        type="button"
        aria-pressed={active}
        onClick={onChoose}
        className={cx(
          "flex w-full flex-col gap-0.5 px-3 py-2 text-left focus-visible:outline-offset-[-2px]",
          active ? "bg-accent-soft" : "hover:bg-hover",
        )}
      >
        <span className="flex w-full items-center gap-2">
          <KindIcon kind={step.ref.kind} className="text-muted" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-mono text-12">{step.ref.name}</span>
            <span className="block truncate text-11 text-muted">
              {step.ref.kind}
              {step.action !== "apply" && (
                <span className={step.action === "delete" ? "text-bad" : "text-warn"}>
                  {" "}
                  · {ACTION_WORD[step.action]}
                </span>
              )}
            </span>
          </span>
          <span className="flex shrink-0 flex-col items-end text-11 text-muted">
            <StatusGlyph
              status={step.state}
              size={12}
              word={step.state === "done" && step.action === "delete" ? "deleted" : true}
            />
            {step.started_at && step.state !== "pending" && (
              <Elapsed
                from={step.started_at}
                to={step.state === "running" ? null : (step.finished_at ?? step.started_at)}
              />
            )}
          </span>
        </span>
        {step.error && (
          <span className="line-clamp-2 pl-6 text-12 break-words text-bad">{sentence(step.error.detail)}</span>
        )}
      </button>
    </li>
  );
}
