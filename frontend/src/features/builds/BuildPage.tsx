import { useEffect, useMemo, useState } from "react";
import { useParams } from "react-router";
import type { Build, BuildLine, BuildState } from "@/contract";
import { plain } from "@/model/ansi";
import { isBuilding, stepsOf, wordsBefore } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { useLiveValues, useTopic } from "@/realtime";
import { ErrorState, LinkButton, Skeleton, useCrumbs, useTabMark } from "@/ui";
import { BuildHeader } from "./BuildHeader";
import { PauseNote } from "./PauseNote";
import { BuildLog } from "./BuildLog";
import { useBuild } from "./queries";
import { StepList } from "./StepList";
import { useBuildLog } from "./useBuildLog";

/** Before the title of the tab: whether it is still at it, and how it ended. */
const MARK: Record<BuildState, string> = {
  queued: "◌",
  cloning: "◐",
  building: "◐",
  pushing: "◐",
  succeeded: "✓",
  failed: "✕",
  canceled: "⊘",
};

export default function BuildPage() {
  const { buildId = "" } = useParams();
  const topic = `build:${buildId}`;
  useTopic(topic);
  const values = useLiveValues(topic);
  const told = values.get("build") as Build | undefined;
  const { data: asked, error, isPending, refetch } = useBuild(buildId);
  const rev = told?.rev ?? 0;
  const known = asked?.rev ?? 0;
  useEffect(() => {
    // What is told of a build has no steps: they are told one by one while it runs, and read once it has ended.
    if (known > 0 && rev > known) void refetch();
  }, [rev, known, refetch]);
  const log = useBuildLog(buildId);
  const build = asked && (told && rev > known ? { ...asked, ...told } : asked);
  const isOver = build !== undefined && !isBuilding(build);
  const read = asked?.steps;
  const steps = useMemo(() => stepsOf(read ?? [], isOver ? new Map() : values), [read, isOver, values]);
  const [openStep, setOpenStep] = useState<number>();
  useCrumbs({ label: "Builds", to: "/builds" }, { label: build ? `${build.source_name} #${build.number}` : "Build" });
  useTabMark(build ? MARK[build.state] : "");
  if (isPending) return <Loading />;
  if (!build)
    return (
      <ErrorState
        page
        className="flex-1"
        title="This build could not be loaded"
        {...explain(error)}
        onRetry={() => void refetch()}
        action={<LinkButton to="/builds">All builds</LinkButton>}
      />
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto lg:overflow-hidden">
      <BuildHeader build={build} />
      {build.state === "queued" && <PauseNote />}
      {build.reason && (
        <ErrorState
          inline
          className="mx-5 mb-3"
          title={`Failed while ${build.reason.stage || "waiting"}`}
          reason={[sentence(build.reason.detail), sentence(build.reason.hint)].filter(Boolean).join(" ")}
        />
      )}
      {build.reason && <LastWords lines={wordsBefore(log.lines, build.error_seq)} />}
      <div className="flex flex-1 flex-col border-t border-line lg:min-h-0 lg:flex-row">
        <StepList
          steps={steps}
          isOver={isOver}
          onOpen={setOpenStep}
          className="max-h-[35vh] shrink-0 overflow-y-auto lg:max-h-none lg:w-90 lg:border-r lg:border-line"
        />
        <BuildLog build={build} log={log} openStep={openStep} className="min-h-[60vh] flex-1 lg:min-h-0" />
      </div>
    </div>
  );
}

/** What the step said last before it failed: mostly the error itself. */
function LastWords({ lines }: { lines: readonly BuildLine[] }) {
  if (lines.length === 0) return null;
  return (
    <pre
      aria-label="Last lines of the step"
      className="mx-5 mb-3 max-h-32 shrink-0 overflow-auto rounded-md bg-sunken px-3 py-2 font-mono text-12 break-words whitespace-pre-wrap"
    >
      {lines.map(({ text }) => plain(text)).join("\n")}
    </pre>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the build" className="flex flex-col gap-5 p-5">
      <Skeleton className="h-6 w-72" />
      <Skeleton className="h-4 w-96" />
      <Skeleton className="h-64" />
    </div>
  );
}
