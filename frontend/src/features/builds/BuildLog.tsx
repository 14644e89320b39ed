import { useMemo } from "react";
import type { BuildDetail } from "@/contract";
import { plain } from "@/model/ansi";
import { isBuilding } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { LogView } from "@/ui";
import { useBuildLog } from "./useBuildLog";

/** The log of a build. That of a failed one opens at its error. */
export function BuildLog({ build, className }: { build: BuildDetail; className?: string }) {
  const { lines, state } = useBuildLog(build.id);
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
      openAt={build.state === "failed" && build.error_seq !== null ? String(build.error_seq) : undefined}
      className={className}
    />
  );
}
