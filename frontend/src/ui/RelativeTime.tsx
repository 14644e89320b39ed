import { useSyncExternalStore } from "react";
import { cx } from "./cx";
import { counting, duration, exactTime, howLong, relativeTime } from "./time";
import { Tooltip } from "./Tooltip";

/** One clock for all times on the page; stopped while nothing uses it. */
const watchers = new Set<() => void>();
let timer: number | undefined;
let clock = Date.now();
function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  if (timer === undefined) {
    clock = Date.now();
    timer = window.setInterval(() => {
      clock = Date.now();
      watchers.forEach((each) => each());
    }, 1000);
  }
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}
const never = () => () => undefined;
const readClock = () => clock;

/** Milliseconds since the epoch, moving once a second while `active`. */
export const useNow = (active = true): number => useSyncExternalStore(active ? watchClock : never, readClock);

/** "3 min ago"; the exact local and UTC time on hover. */
export function RelativeTime({ at, className }: { at: string | null | undefined; className?: string }) {
  const now = useNow();
  if (!at) return <span className="text-faint">–</span>;
  const moment = Date.parse(at);
  return (
    <Tooltip text={exactTime(moment)}>
      <time dateTime={at} className={cx("tnum whitespace-nowrap", className)}>
        {relativeTime(moment, now)}
      </time>
    </Tooltip>
  );
}

/** "for 3 min", or "since just now"; the exact local and UTC time of its beginning on hover. */
export function HowLong({ from, capital = false, className }: { from: string; capital?: boolean; className?: string }) {
  const now = useNow();
  const moment = Date.parse(from);
  const said = howLong(moment, now);
  return (
    <Tooltip text={exactTime(moment)}>
      <time dateTime={from} className={cx("tnum whitespace-nowrap", className)}>
        {capital ? said.charAt(0).toUpperCase() + said.slice(1) : said}
      </time>
    </Tooltip>
  );
}

/** The time since `from`, counting in whole seconds while `to` is not given. */
export function Elapsed({
  from,
  to,
  className,
}: {
  from: string | null | undefined;
  to?: string | null;
  className?: string;
}) {
  const now = useNow(!to && Boolean(from));
  if (!from) return <span className={cx("text-faint", className)}>–</span>;
  const seconds = ((to ? Date.parse(to) : now) - Date.parse(from)) / 1000;
  return (
    <span className={cx("tnum whitespace-nowrap", className)}>
      {to ? duration(Math.max(0, seconds)) : counting(seconds)}
    </span>
  );
}
