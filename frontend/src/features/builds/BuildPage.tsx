import { useEffect, useMemo, useState } from "react";
import { useParams } from "react-router";
import type { Build, BuildState } from "@/contract";
import { isBuilding, stepsOf } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { useLiveValues, useTopic } from "@/realtime";
import { ErrorState, LinkButton, Skeleton, useCrumbs, useTabMark } from "@/ui";
import { BuildHeader } from "./BuildHeader";
import { BuildLog } from "./BuildLog";
import { useBuild } from "./queries";
import { StepList } from "./StepList";

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
    <div className="flex min-h-0 flex-1 flex-col">
      <BuildHeader build={build} />
      {build.reason && (
        <ErrorState
          inline
          className="mx-5 mb-3"
          title={`Failed while ${build.reason.stage || "waiting"}`}
          reason={[sentence(build.reason.detail), sentence(build.reason.hint)].filter(Boolean).join(" ")}
        />
      )}
      <div className="flex min-h-0 flex-1 flex-col border-t border-line lg:flex-row">
        <StepList
          steps={steps}
          isOver={isOver}
          onOpen={setOpenStep}
          className="max-h-[35vh] shrink-0 overflow-y-auto lg:max-h-none lg:w-90 lg:border-r lg:border-line"
        />
        <BuildLog build={build} openStep={openStep} className="min-h-60 flex-1" />
      </div>
    </div>
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
