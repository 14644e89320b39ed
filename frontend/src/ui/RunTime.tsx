import { cx } from "./cx";
import { Elapsed } from "./RelativeTime";
import { duration } from "./time";

export interface RunTimes {
  started_at: string | null;
  finished_at: string | null;
  duration_s: number | null;
}

/** How long a run took, as the server counted; while it goes on, the time since it began. One that waits took none yet. */
export function RunTime({ run, className }: { run: RunTimes; className?: string }) {
  if (run.duration_s !== null)
    return <span className={cx("tnum whitespace-nowrap", className)}>{duration(run.duration_s)}</span>;
  return <Elapsed className={className} from={run.started_at} to={run.finished_at} />;
}
