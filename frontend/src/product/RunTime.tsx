import type { Run } from "@/contract";
import { cx, duration, Elapsed } from "@/ui";

/** How long a run took, as the server counted; while it goes on, the time since it began. One that waits took none yet. */
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
