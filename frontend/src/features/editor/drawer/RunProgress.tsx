import { useEffect, useMemo, useRef, useState } from "react";
import { Link } from "react-router";
import { asProblem, sentence, useCancelRun, useRetryRun, useRun, type LogLine, type NodeStatus, type Run, type Step } from "@/api";
import { useLiveValues, useTopic, useUnwell } from "@/realtime";
import { Button, cx, Elapsed, ErrorState, isRunning, Segmented, Skeleton, StatusGlyph, Tooltip } from "@/ui";
import { useEditor, useView } from "../state/session";
import { Nothing } from "./Drawer";

/** One run as it goes: waves as columns, objects as rows, what it does now, its log. */
export function RunProgress({ runId }: { runId: string }) {
  const topic = `run:${runId}`;
  useTopic(topic);
  const values = useLiveValues(topic);
  const fetched = useRun(runId);
  const [view, setView] = useState<"waves" | "log">("waves");
  const run = newest(values.get("run") as Run | undefined, fetched.data);
  const steps = useMemo(() => stepsOf(values, fetched.data?.steps ?? []), [values, fetched.data]);
  const lines = useMemo(() => linesOf(values), [values]);
  const unwell = useUnwell(run?.state === "verifying" ? run.environment.id : null);
  if (!run) {
    if (fetched.isError)
      return (
        <ErrorState
          inline
          className="m-3"
          title="The run could not be read"
          reason={sentence(asProblem(fetched.error).detail)}
          onRetry={() => void fetched.refetch()}
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
          {said(run, steps, unwell)}
        </span>
        <span className="text-12 text-muted">
          <Elapsed from={run.started_at ?? run.created_at} to={run.finished_at} />
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
      {run.error && <ErrorState inline className="mx-4 mb-2 shrink-0" title="The run failed" reason={sentence(run.error.detail)} />}
      <div className="min-h-0 flex-1 overflow-auto">{view === "waves" ? <Waves steps={steps} /> : <Log lines={lines} />}</div>
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
      <Tooltip text={cancel.isError ? sentence(asProblem(cancel.error).detail) : "Stops before the next object. What was applied stays."}>
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
    <div className="flex min-w-max gap-3 px-4 pb-3">
      {waves.map(([wave, members], index) => (
        <section key={wave} aria-label={`Wave ${index + 1}`} className="w-60 shrink-0">
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
                  className={cx("w-full px-2 py-1 text-left hover:bg-hover", step.node_id !== null && selected.includes(step.node_id) && "bg-accent-soft")}
                >
                  <span className="flex min-w-0 items-center gap-2">
                    <StatusGlyph status={step.state} word={false} size={12} />
                    <span className="min-w-0 flex-1 truncate font-mono text-12">{step.ref.name}</span>
                    <span className="shrink-0 text-11 text-muted">{step.action === "apply" ? step.ref.kind : `${step.action} ${step.ref.kind}`}</span>
                  </span>
                  {step.error && <span className="mt-0.5 line-clamp-2 block text-11 text-bad">{sentence(step.error.detail)}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Log({ lines }: { lines: readonly LogLine[] }) {
  const end = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const scroller = box.current?.parentElement;
    if (scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80) end.current?.scrollIntoView({ block: "nearest" });
  }, [lines]);
  return (
    <div ref={box} className="min-h-full bg-term px-4 py-2 font-mono text-12 text-term-text">
      {lines.length === 0 && <p className="text-term-muted">Nothing has been written yet.</p>}
      {lines.map((line, index) => (
        <p key={index} className="break-words whitespace-pre-wrap">
          <span className="text-term-muted">{line.at.slice(11, 19)} </span>
          <span className={line.level === "error" ? "text-bad" : line.level === "warning" ? "text-warn" : undefined}>{line.message}</span>
        </p>
      ))}
      <div ref={end} />
    </div>
  );
}

/** The current sentence: what is being done, or what is waited for. */
function said(run: Run, steps: readonly Step[], unwell: readonly NodeStatus[]): string {
  const running = steps.filter((step) => step.state === "running").map((step) => step.ref.name);
  switch (run.state) {
    case "queued":
      return "Waiting for the run before it, or for a free worker.";
    case "planning":
      return "Comparing what is drawn with what the cluster has.";
    case "applying":
      return running.length > 0
        ? `Applying ${running.slice(0, 3).join(", ")}${running.length > 3 ? ` and ${running.length - 3} more` : ""}.`
        : "Applying.";
    case "verifying": {
      const [first, ...others] = unwell;
      if (!first) return `${run.counts.total} objects applied; waiting until all are healthy.`;
      return `Waiting for ${first.objects[0]?.ref.name ?? first.node_id}${others.length > 0 ? ` and ${others.length} more` : ""}: ${first.reason || first.health}`;
    }
    case "succeeded":
      return `${run.counts.done} applied, ${run.counts.unchanged} unchanged; all healthy.`;
    case "failed":
      return run.counts.failed > 0 ? `${run.counts.failed} failed, ${run.counts.skipped} skipped.` : "";
    case "canceled":
      return `Stopped by hand; ${run.counts.done} of ${run.counts.total} objects had been applied.`;
    case "rolled_back":
      return "Rolled back.";
  }
}

function newest(live: Run | undefined, fetched: Run | undefined): Run | undefined {
  if (!live || !fetched) return live ?? fetched;
  return live.rev >= fetched.rev ? live : fetched;
}

function stepsOf(values: ReadonlyMap<string, unknown>, fetched: readonly Step[]): Step[] {
  const steps = new Map(fetched.map((step) => [step.index, step]));
  for (const [key, value] of values) {
    if (!key.startsWith("step:")) continue;
    const step = value as Step;
    steps.set(step.index, step);
  }
  return [...steps.values()].sort((a, b) => a.index - b.index);
}

function linesOf(values: ReadonlyMap<string, unknown>): LogLine[] {
  const lines: [number, LogLine][] = [];
  for (const [key, value] of values) if (key.startsWith("log:")) lines.push([Number(key.slice(4)), value as LogLine]);
  return lines.sort(([a], [b]) => a - b).map(([, line]) => line);
}
