import { useNavigate } from "react-router";
import type { RunWithSteps } from "@/contract";
import { partsOf, sayRun } from "@/model/runWords";
import { plural } from "@/model/words";
import { GivesUp, KeptObjects, RunFailure, TakenImages, useUnwell } from "@/product";
import { SegmentBar } from "@/ui";
import { RunStory } from "./RunStory";
import { useMayRun } from "./useMayRun";

/** The state of a run: a sentence, counts, and why it failed. */
export function RunSummary({ run }: { run: RunWithSteps }) {
  const navigate = useNavigate();
  const mayRun = useMayRun(run);
  const { counts } = run;
  const unwell = useUnwell(run.state === "verifying" ? run.environment.id : null);
  return (
    <div className="shrink-0 border-b border-line px-5 pb-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 pb-2 text-13">
        <p>
          <span role="status">{sayRun(run, run.steps, unwell)}</span> <GivesUp run={run} className="text-muted" />
        </p>
        <p className="tnum flex gap-3 text-12 text-muted">
          <span>{plural(counts.total, "object")}</span>
          {partsOf(run).map(
            (part) =>
              part.count > 0 && (
                <span key={part.word} className={part.tone === "bad" ? "text-bad" : undefined}>
                  {part.count} {part.word}
                </span>
              ),
          )}
        </p>
      </div>
      <SegmentBar label="Objects" total={counts.total} parts={partsOf(run).filter((part) => part.word !== "skipped")} />
      <TakenImages of={run} className="mt-3" />
      <RunStory run={run} className="mt-3" />
      <KeptObjects run={run} className="mt-3" />
      <RunFailure
        className="mt-3"
        run={run}
        mayRun={mayRun}
        onTakenOver={(next) => void navigate(`/runs/${next.id}`)}
      />
    </div>
  );
}
