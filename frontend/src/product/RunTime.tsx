import type { Run } from "@/contract";
import { cx, duration, Elapsed } from "@/ui";

/**
 * The duration of a run as the server measured it; while it runs, the time since it started. None for a run that
 * waits.
 */
export function RunTime({
  run,
  className,
}: {
  run: Pick<Run, "started_at" | "finished_at" | "duration_s">;
  className?: string;
}) {
  if (run.duration_s !== null)
    return <span className={cx("tnum whitespace-nowrap", className)}>{duration(run.duration_s)}</span>;
  return <Elapsed className={className} from={run.started_at} to={run.finished_at} />;
}
