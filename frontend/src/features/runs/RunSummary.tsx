import { useNavigate } from "react-router";
import type { RunWithSteps } from "@/contract";
import { partsOf, sayRun } from "@/model/runWords";
import { RunFailure } from "@/product";
import { SegmentBar } from "@/ui";
import { useMayRun } from "./useMayRun";
import { WaitingFor } from "./WaitingFor";

/** The state of a run: a sentence, counts, and why it failed. */
export function RunSummary({ run }: { run: RunWithSteps }) {
  const navigate = useNavigate();
  const mayRun = useMayRun();
  const { counts } = run;
  return (
    <div className="shrink-0 border-b border-line px-5 pb-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 pb-2 text-13">
        <p role="status">{sayRun(run, run.steps)}</p>
        <p className="tnum flex gap-3 text-12 text-muted">
          <span>{counts.total} objects</span>
          {partsOf(run, run.steps).map(
            (part) =>
              part.count > 0 && (
                <span key={part.word} className={part.tone === "bad" ? "text-bad" : undefined}>
                  {part.count} {part.word}
                </span>
              ),
          )}
        </p>
      </div>
      <SegmentBar
        label="Objects"
        total={counts.total}
        parts={partsOf(run, run.steps).filter((part) => part.word !== "skipped")}
      />
      {run.state === "verifying" && <WaitingFor environmentId={run.environment.id} />}
      <RunFailure
        className="mt-3"
        run={run}
        mayRun={mayRun}
        onTakenOver={(next) => void navigate(`/runs/${next.id}`)}
      />
    </div>
  );
}
