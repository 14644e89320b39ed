import { useMemo, type ReactNode } from "react";
import type { NodeStatus, RunWithSteps, Step } from "@/contract";
import { isRunning } from "@/model/runs";
import { sentence } from "@/model/words";
import { cx, Elapsed, TONE_FILL, useNow } from "@/ui";
import { KindIcon } from "./KindIcon";
import { useUnwell } from "./liveRun";
import { STATUS, stepStatus, whyUnwell } from "./status";
import { StatusGlyph } from "./StatusGlyph";
import { groupSteps, rangeOf, spanOf, type StepGroup } from "./stepGroups";

interface RunObjectsProps {
  run: RunWithSteps;
  isChosen: (step: Step) => boolean;
  onChoose: (step: Step) => void;
  className?: string;
}

/** The objects of a run, a row each, wherever a run is shown: deletions, then wave after wave, then what is kept. */
export function RunObjects({ run, isChosen, onChoose, className }: RunObjectsProps) {
  const groups = useMemo(() => groupSteps(run.steps), [run.steps]);
  const now = useNow(isRunning(run.state));
  const range = useMemo(() => rangeOf(run.steps, now), [run.steps, now]);
  const unwell = useUnwell(run.state === "verifying" ? run.environment.id : null);
  const waiting = useMemo(() => new Map(unwell.map((status) => [status.node_id, status])), [unwell]);
  if (groups.length === 0)
    return (
      <div className={cx("flex min-h-24 items-center justify-center text-13 text-muted", className)}>
        {isRunning(run.state) ? "Objects appear here when the plan is ready." : "This run has no objects."}
      </div>
    );
  return (
    <div className={cx("@container flex flex-col gap-4", className)}>
      {groups.map((group) => (
        <Group key={group.key} group={group}>
          {group.steps.map((step) => (
            <StepRow
              key={step.index}
              run={run}
              step={step}
              span={spanOf(step, range, now)}
              waiting={step.node_id === null ? undefined : waiting.get(step.node_id)}
              active={isChosen(step)}
              onChoose={() => onChoose(step)}
            />
          ))}
        </Group>
      ))}
    </div>
  );
}

function Group({ group, children }: { group: StepGroup; children: ReactNode }) {
  const { title, hint, steps, isDeletion } = group;
  const settled = steps.filter(({ action, state }) => action === "keep" || state === "done" || state === "unchanged");
  return (
    <section aria-label={title}>
      <h2 className="flex items-baseline gap-2 pb-1.5 text-12">
        <span className={cx("shrink-0 font-medium", isDeletion ? "text-bad" : "text-text")}>{title}</span>
        <span className="min-w-0 flex-1 truncate text-muted" title={hint}>
          {hint}
        </span>
        <span className="tnum shrink-0 text-muted">
          {settled.length}/{steps.length}
        </span>
      </h2>
      <ul className="overflow-hidden rounded-card border border-line bg-surface">{children}</ul>
    </section>
  );
}

interface StepRowProps {
  run: RunWithSteps;
  step: Step;
  span: { left: number; width: number } | null;
  /** Why the run still waits for its node. */
  waiting: NodeStatus | undefined;
  active: boolean;
  onChoose: () => void;
}

function StepRow({ run, step, span, waiting, active, onChoose }: StepRowProps) {
  const status = stepStatus(step, run);
  const said = noteOf(run, step, waiting);
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_36px] [content-visibility:auto] last:border-b-0">
      <button
        type="button"
        aria-pressed={active}
        onClick={onChoose}
        className={cx(
          "grid w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-0.5 px-3 py-1.5 text-left focus-visible:outline-offset-[-2px]",
          "@2xl:grid-cols-[minmax(180px,2fr)_118px_minmax(0,3fr)_88px_72px]",
          active ? "bg-accent-soft" : "hover:bg-hover",
        )}
      >
        <span className="flex min-w-0 items-center gap-2">
          <KindIcon kind={step.ref.kind} className="shrink-0 text-muted" />
          <span className="min-w-0 truncate font-mono text-12" title={step.ref.name}>
            {step.ref.name}
          </span>
          <span className="shrink-0 text-11 text-muted">{step.ref.kind}</span>
        </span>
        <span className="text-12 text-muted">
          <StatusGlyph
            status={waiting ? waiting.health : status}
            size={12}
            word={step.action === "replace" && status === "done" ? "replaced" : true}
          />
        </span>
        <span
          className={cx(
            "col-span-2 min-w-0 text-12 @2xl:col-span-1 @2xl:truncate",
            step.error ? "text-bad" : "text-muted",
          )}
          title={said || undefined}
        >
          {said}
        </span>
        <span className="hidden h-1 rounded-full bg-active @2xl:block" aria-hidden>
          {span && step.action !== "keep" && (
            <span
              className={cx("block h-full min-w-0.5 rounded-full", TONE_FILL[STATUS[status].tone])}
              style={{ marginLeft: `${Math.min(span.left, 98)}%`, width: `${span.width}%` }}
            />
          )}
        </span>
        <span className="hidden text-right text-12 text-muted @2xl:block">
          {span && (
            <Elapsed
              from={step.started_at}
              to={step.state === "running" ? null : (step.finished_at ?? step.started_at)}
            />
          )}
        </span>
      </button>
    </li>
  );
}

/** What is worth saying of an object beside its state. */
function noteOf(run: RunWithSteps, step: Step, waiting: NodeStatus | undefined): string {
  if (step.error) return sentence(step.error.detail);
  if (step.reason) return sentence(step.reason);
  if (step.waits_for) return sentence(step.waits_for);
  if (waiting) return sentence(waiting.reason || waiting.health);
  const why = whyUnwell(step);
  if (why) return sentence(why);
  if (stepStatus(step, run) === "unwell") return sentence(run.error?.detail ?? "");
  return "";
}
