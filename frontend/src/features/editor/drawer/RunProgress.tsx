import { useMemo, useState } from "react";
import { Link } from "react-router";
import {
  asProblem,
  sentence,
  useCancelRun,
  useRetryRun,
  type LogLine,
  type Run,
  type RunWithSteps,
  type Step,
} from "@/api";
import { sayRun } from "@/model/runWords";
import { useLiveRun, useRunLog, useUnwell } from "@/realtime";
import { Button, cx, ErrorState, isRunning, LogView, RunTime, Segmented, Skeleton, StatusGlyph, Tooltip } from "@/ui";
import { RunFailure } from "../run/RunFailure";
import { useEditor, useView } from "../state/session";
import { Nothing } from "./Drawer";

/** One run as it goes: waves as columns, objects as rows, what it does now, its log. */
export function RunProgress({ runId }: { runId: string }) {
  const { run, logs, error, refetch } = useLiveRun(runId);
  const [view, setView] = useState<"waves" | "log">("waves");
  const unwell = useUnwell(run?.state === "verifying" ? run.environment.id : null);
  if (!run) {
    if (error)
      return (
        <ErrorState
          inline
          className="m-3"
          title="The run could not be read"
          reason={sentence(asProblem(error).detail)}
          onRetry={() => void refetch()}
        />
      );
    return (
      <div className="flex flex-col gap-3 p-4">
        <Skeleton className="h-4 w-64" />
        <Skeleton className="h-4 w-96" />
      </div>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 items-center gap-3 px-4 py-2 text-13">
        <StatusGlyph status={run.state} word={false} />
        <Link to={`/runs/${run.id}`} className="font-medium hover:underline">
          Run #{run.number}
        </Link>
        <span className="min-w-0 flex-1 truncate text-muted" role="status">
          {sayRun(run, run.steps, unwell)}
        </span>
        <span className="text-12 text-muted">
          <RunTime run={run} />
        </span>
        <Segmented
          label="Show"
          value={view}
          onChange={setView}
          options={[
            { value: "waves", label: "Objects" },
            { value: "log", label: "Log" },
          ]}
        />
        <RunActions run={run} />
      </div>
      {view === "waves" ? (
        <div className="min-h-0 flex-1 overflow-auto">
          <RunFailure run={run} className="mx-4 mb-2" />
          <Waves steps={run.steps} />
        </div>
      ) : (
        <Log run={run} live={logs} />
      )}
    </div>
  );
}

function RunActions({ run }: { run: Run }) {
  const session = useEditor();
  const cancel = useCancelRun();
  const retry = useRetryRun();
  if (isRunning(run.state)) {
    const asked = run.cancel_requested || cancel.isPending;
    return (
      <Tooltip
        text={
          cancel.isError
            ? sentence(asProblem(cancel.error).detail)
            : "Stops before the next object. What was applied stays."
        }
      >
        <Button size="sm" disabled={asked} onClick={() => cancel.mutate(run.id)}>
          {asked ? "Canceling" : "Cancel"}
        </Button>
      </Tooltip>
    );
  }
  if (run.state === "failed" || run.state === "canceled") {
    return (
      <Button
        size="sm"
        busy={retry.isPending}
        title={retry.isError ? sentence(asProblem(retry.error).detail) : undefined}
        onClick={() => retry.mutate(run.id, { onSuccess: (next) => session.view.setState({ runId: next.id }) })}
      >
        Retry
      </Button>
    );
  }
  return null;
}

function Log({ run, live }: { run: RunWithSteps; live: readonly LogLine[] }) {
  return <LogView label="Log of the run" {...useRunLog(run, live)} className="flex-1" />;
}

function Waves({ steps }: { steps: readonly Step[] }) {
  const session = useEditor();
  const selected = useView((state) => state.selectedNodes);
  const waves = useMemo(() => {
    const groups = new Map<number, Step[]>();
    for (const step of steps) groups.set(step.wave, [...(groups.get(step.wave) ?? []), step]);
    return [...groups].sort(([a], [b]) => a - b);
  }, [steps]);
  if (steps.length === 0) return <Nothing>The plan is being made.</Nothing>;
  return (
    <div className="flex gap-3 px-4 pb-3">
      {waves.map(([wave, members], index) => (
        <section key={wave} aria-label={`Wave ${index + 1}`} className="max-w-72 min-w-44 flex-1">
          <h2 className="flex items-center justify-between pb-1 text-11 text-muted">
            <span>Wave {index + 1}</span>
            <span className="tnum">
              {members.filter((step) => step.state === "done" || step.state === "unchanged").length}/{members.length}
            </span>
          </h2>
          <ul className="overflow-hidden rounded border border-line">
            {members.map((step) => (
              <li key={step.index} className="border-b border-line last:border-b-0">
                <button
                  type="button"
                  onClick={() => session.view.getState().select(step.node_id === null ? [] : [step.node_id])}
                  title={step.error ? sentence(step.error.detail) : undefined}
                  className={cx(
                    "w-full px-2 py-1 text-left hover:bg-hover",
                    step.node_id !== null && selected.includes(step.node_id) && "bg-accent-soft",
                  )}
                >
                  <span className="flex min-w-0 items-center gap-2">
                    <StatusGlyph status={step.state} word={false} size={12} className="shrink-0" />
                    <span className="max-w-3/4 shrink-0 grow truncate font-mono text-12" title={step.ref.name}>
                      {step.ref.name}
                    </span>
                    <span className="min-w-0 truncate text-11 text-muted">
                      {step.action === "apply" ? step.ref.kind : `${step.action} ${step.ref.kind}`}
                    </span>
                  </span>
                  {step.error && (
                    <span className="mt-0.5 line-clamp-2 block text-11 text-bad">{sentence(step.error.detail)}</span>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
