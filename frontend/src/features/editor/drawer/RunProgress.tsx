import { useState } from "react";
import { Link } from "react-router";
import { asProblem } from "@/api";
import type { LogLine, Run, RunWithSteps } from "@/contract";
import { sayRun } from "@/model/runWords";
import { sentence } from "@/model/words";
import {
  GivesUp,
  KeptObjects,
  RunObjects,
  RunTime,
  StatusGlyph,
  stateOf,
  useLiveRun,
  useRunLog,
  useUnwell,
} from "@/product";
import { ErrorState, LogView, Segmented, Skeleton } from "@/ui";
import { Failure } from "../run/Failure";
import { useEditor, useView } from "../state/session";
import { RolledBack } from "./RolledBack";
import { RunActions } from "./RunActions";

/** One run, active or finished: its state in one sentence, its objects or its log. */
export function RunProgress({ runId, newer }: { runId: string; newer?: Run }) {
  const { view: store } = useEditor();
  const { run, logs, error, refetch } = useLiveRun(runId);
  const [view, setView] = useState<"waves" | "log">("waves");
  const unwell = useUnwell(run?.state === "verifying" ? run.environment.id : null);
  if (!run) {
    if (error)
      return (
        <ErrorState
          inline
          className="m-3"
          title="The run could not be loaded"
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
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-13">
        <StatusGlyph status={stateOf(run)} word={false} />
        <Link to={`/runs/${run.id}`} className="font-medium whitespace-nowrap hover:underline">
          Run #{run.number}
        </Link>
        <span
          className="min-w-0 flex-1 truncate text-muted max-sm:order-last max-sm:basis-full max-sm:whitespace-normal"
          role="status"
        >
          {sayRun(run, run.steps, unwell)}
        </span>
        {newer && (
          <button
            type="button"
            className="rounded-sm text-12 whitespace-nowrap text-accent-text hover:underline"
            onClick={() => store.setState({ chosenRun: null, runId: null })}
          >
            Show run #{newer.number}, the newest
          </button>
        )}
        <span className="text-12 whitespace-nowrap text-muted max-sm:mr-auto">
          <GivesUp run={run} className="mr-3" />
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
          <RolledBack run={run} className="mx-4 mb-2" />
          <Failure run={run} className="mx-4 mb-2" />
          <Objects run={run} />
          <KeptObjects run={run} className="px-4 pb-3" />
        </div>
      ) : (
        <Log run={run} live={logs} />
      )}
    </div>
  );
}

/** A click on an object selects its node. */
function Objects({ run }: { run: RunWithSteps }) {
  const { view } = useEditor();
  const selected = useView((state) => state.selectedNodes);
  return (
    <RunObjects
      className="px-4 pb-3"
      run={run}
      isChosen={(step) => step.node_id !== null && selected.includes(step.node_id)}
      onChoose={({ node_id }) => view.getState().select(node_id === null ? [] : [node_id])}
    />
  );
}

function Log({ run, live }: { run: RunWithSteps; live: readonly LogLine[] }) {
  return <LogView label="Log of the run" {...useRunLog(run, live)} className="flex-1" />;
}
