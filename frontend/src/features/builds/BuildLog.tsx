import { useMemo } from "react";
import type { BuildDetail } from "@/contract";
import { plain } from "@/model/ansi";
import { isBuilding } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { LogView } from "@/ui";
import type { FollowedLog } from "./useBuildLog";

/** The log of a build. That of a failed one opens at its error. */
export function BuildLog({
  build,
  log,
  openStep,
  className,
}: {
  build: BuildDetail;
  log: FollowedLog;
  /** The step whose first line is shown. */
  openStep?: number | undefined;
  className?: string;
}) {
  const { lines, state } = log;
  const entries = useMemo(
    () =>
      lines.map((line) => ({
        key: String(line.seq),
        at: line.at,
        level: line.level,
        from: line.step === null ? line.stage : `#${line.step}`,
        message: plain(line.text),
      })),
    [lines],
  );
  const error = build.state === "failed" ? (build.error_seq ?? undefined) : undefined;
  const opened = openStep === undefined ? error : lines.find(({ step }) => step === openStep)?.seq;
  const empty =
    typeof state === "object"
      ? sentence(state.detail)
      : state === "over"
        ? "The build has said nothing."
        : isBuilding(build)
          ? build.waiting
            ? sentence(build.waiting)
            : "Waiting for the first line."
          : "Loading";
  return (
    <LogView
      label="Log of the build"
      entries={entries}
      empty={empty}
      isOver={!isBuilding(build)}
      openAt={opened === undefined ? undefined : String(opened)}
      className={className}
    />
  );
}
