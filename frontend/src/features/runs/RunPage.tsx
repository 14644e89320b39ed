import { useParams } from "react-router";
import type { RunState } from "@/contract";
import { explain, RunObjects, stateOf, useLiveRun } from "@/product";
import { ErrorState, LinkButton, Skeleton, useCrumbs, useTabMark, useUrlState } from "@/ui";
import { RunHeader } from "./RunHeader";
import { RunLogs } from "./RunLogs";
import { RunSummary } from "./RunSummary";
import { StepPanel } from "./StepPanel";

/** Before the title of the tab: whether it is still at it, and how it ended. */
const RUN_MARK: Record<RunState, string> = {
  queued: "◌",
  planning: "◐",
  applying: "◐",
  verifying: "◐",
  succeeded: "✓",
  failed: "✕",
  canceled: "⊘",
  superseded: "",
  rolled_back: "↶",
};

export default function RunPage() {
  const { runId = "" } = useParams();
  const { run, logs, error, refetch, isPending } = useLiveRun(runId);
  const [url, setUrl] = useUrlState(["step"]);
  useCrumbs({ label: "Runs", to: "/runs" }, { label: run ? `${run.workflow.name} #${run.number}` : "Run" });
  useTabMark(run ? RUN_MARK[stateOf(run)] : "");
  const steps = run?.steps;
  const chosen = steps?.find((step) => String(step.index) === url.step);

  if (isPending) return <Loading />;
  if (!run)
    return (
      <ErrorState
        page
        className="flex-1"
        title="This run could not be loaded"
        {...explain(error)}
        onRetry={() => void refetch()}
        action={<LinkButton to="/runs">All runs</LinkButton>}
      />
    );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col overflow-y-auto">
        <RunHeader run={run} />
        <RunSummary run={run} />
        <RunObjects
          className="px-5 py-4"
          run={run}
          isChosen={(step) => step.index === chosen?.index}
          onChoose={(step) => setUrl({ step: step.index === chosen?.index ? null : String(step.index) })}
        />
        <RunLogs run={run} live={logs} />
      </div>
      {chosen && <StepPanel run={run} step={chosen} onClose={() => setUrl({ step: null })} />}
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the run" className="flex flex-col gap-5 p-5">
      <Skeleton className="h-6 w-72" />
      <Skeleton className="h-2 w-full" />
      <div className="flex flex-col gap-2">
        {Array.from({ length: 7 }, (_, row) => (
          <Skeleton key={row} className="h-8" />
        ))}
      </div>
    </div>
  );
}
