import { CirclePause } from "lucide-react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { useSession } from "@/product";
import { Button, cx, RelativeTime, TONE_SOFT } from "@/ui";
import { useBuildEngines, useResumeBuilds } from "./queries";

/** That the builds of all teams are paused, by whom and why; nothing where they are not. */
export function PauseNote() {
  const pause = useBuildEngines().data?.pause;
  const isAdmin = Boolean(useSession().data?.user?.is_admin);
  const resume = useResumeBuilds();
  if (!pause) return null;
  return (
    <div
      role="status"
      className={cx(
        "flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-5 py-2 text-12",
        TONE_SOFT.warn,
      )}
    >
      <CirclePause size={14} className="shrink-0" aria-hidden />
      <span className="min-w-0 flex-1 basis-60 break-words">
        Builds are paused for all teams by {pause.by}, <RelativeTime at={pause.at} />: {sentence(pause.reason)} What
        waits is built once they go on.
        {resume.error && <span className="block text-bad">{sentence(asProblem(resume.error).detail)}</span>}
      </span>
      {isAdmin && (
        <Button size="sm" busy={resume.isPending} onClick={() => resume.mutate()}>
          Let builds go on
        </Button>
      )}
    </div>
  );
}
