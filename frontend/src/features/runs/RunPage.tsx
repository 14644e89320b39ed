import { useParams } from "react-router";
import { explain, useLiveRun } from "@/product";
import { ErrorState, LinkButton, Skeleton, useCrumbs, useUrlState } from "@/ui";
import { RunHeader } from "./RunHeader";
import { RunLogs } from "./RunLogs";
import { RunSummary } from "./RunSummary";
import { StepPanel } from "./StepPanel";
import { Waves } from "./Waves";

export default function RunPage() {
  const { runId = "" } = useParams();
  const { run, logs, error, refetch, isPending } = useLiveRun(runId);
  const [url, setUrl] = useUrlState(["step"]);
  useCrumbs({ label: "Runs", to: "/runs" }, { label: run ? `${run.workflow.name} #${run.number}` : "Run" });
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
        <Waves
          run={run}
          chosen={chosen ?? null}
          onChoose={(step) => setUrl({ step: step ? String(step.index) : null })}
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
      <div className="flex gap-4">
        {[4, 6, 3].map((rows, index) => (
          <div key={index} className="flex w-80 flex-col gap-2">
            <Skeleton className="h-4 w-24" />
            {Array.from({ length: rows }, (_, row) => (
              <Skeleton key={row} className="h-11" />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}
