import { cx } from "./cx";
import { Elapsed } from "./RelativeTime";
import { duration } from "./time";

export interface RunTimes {
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_s: number | null;
}

/** How long a run took, as the server counted; while it goes on, the time since it began. */
export function RunTime({ run, className }: { run: RunTimes; className?: string }) {
  if (run.finished_at !== null && run.duration_s !== null) return <span className={cx("tnum whitespace-nowrap", className)}>{duration(run.duration_s)}</span>;
  return <Elapsed className={className} from={run.started_at ?? (run.finished_at === null ? run.created_at : null)} to={run.finished_at} />;
}
