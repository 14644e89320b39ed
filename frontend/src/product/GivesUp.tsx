import type { Run } from "@/contract";
import { relativeTime, useNow } from "@/ui";

/** Of a run that waits for health: when it has failed unless its objects are healthy by then. Nothing for others. */
export function GivesUp({ run, className }: { run: Pick<Run, "state" | "deadline_at">; className?: string }) {
  const waits = run.state === "verifying" && run.deadline_at !== null;
  const now = useNow(waits);
  if (!waits || run.deadline_at === null) return null;
  const at = Date.parse(run.deadline_at);
  const clock = new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return (
    <span className={className} title={new Date(at).toLocaleString()}>
      gives up at {clock} ({at > now ? relativeTime(at, now) : "now"})
    </span>
  );
}
