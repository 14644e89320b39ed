import { ArrowDownToLine, Search } from "lucide-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { CopyButton } from "./CopyButton";
import { cx } from "./cx";

export interface LogEntry {
  key: string;
  at: string;
  level: "debug" | "info" | "warning" | "error";
  /** The name of the node that the line is about. */
  from?: string | null;
  message: string;
}

const LEVEL: Record<LogEntry["level"], string> = {
  debug: "text-term-muted",
  info: "text-term-text",
  warning: "text-term-warn",
  error: "text-term-bad",
};
const LINE = 20;

/**
 * Log lines as they arrive: follows the end until the person scrolls up, then counts new lines. Dark in both themes.
 */
export function LogView({
  entries,
  label,
  empty,
  openAt,
  isOver = false,
  className,
}: {
  entries: readonly LogEntry[];
  label: string;
  empty?: string;
  /** The key of the line that is shown first, in place of the end. */
  openAt?: string | undefined;
  /** No line will come any more. */
  isOver?: boolean;
  className?: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  const [search, setSearch] = useState("");
  const asked = search.trim().toLowerCase();
  const shown = useMemo(
    () =>
      asked ? entries.filter((entry) => `${entry.from ?? ""} ${entry.message}`.toLowerCase().includes(asked)) : entries,
    [entries, asked],
  );
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 20,
    getItemKey: (index) => shown[index]?.key ?? index,
  });
  const count = shown.length;
  const top = useRef(0);

  const opened = openAt === undefined ? -1 : shown.findIndex((entry) => entry.key === openAt);
  const [hasOpened, setHasOpened] = useState<string>();
  const isOpening = opened >= 0 && hasOpened !== openAt;
  useEffect(() => {
    if (!isOpening) return;
    virtualizer.scrollToIndex(opened, { align: "center" });
    setHasOpened(openAt);
    const element = scroller.current;
    setFollowing(element !== null && element.scrollHeight <= element.clientHeight);
    setSeen(count);
  }, [isOpening, opened, openAt, count, virtualizer]);

  useEffect(() => {
    // Lines that wrap are known to be taller only once they were drawn: the virtualizer goes on until it is there.
    if (following && !isOpening && count > 0) virtualizer.scrollToIndex(count - 1, { align: "end" });
  }, [count, following, isOpening, virtualizer]);

  const fresh = following ? 0 : Math.max(0, entries.length - seen);
  return (
    <section aria-label={label} className={cx("relative flex min-h-0 flex-col bg-term text-term-text", className)}>
      <div className="flex h-9 shrink-0 items-center gap-2 border-b border-term-line px-3">
        <Search size={14} className="text-term-muted" aria-hidden />
        <input
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          aria-label={`Search ${label.toLowerCase()}`}
          placeholder="Search"
          className="h-7 min-w-0 flex-1 bg-transparent text-12 text-term-text outline-none placeholder:text-term-muted focus-visible:outline-none"
        />
        {asked && (
          <span className="tnum text-12 text-term-muted" role="status">
            {count} of {entries.length}
          </span>
        )}
        <div className="text-term-muted [&_button]:hover:bg-term-hover [&_button]:hover:text-term-text">
          <CopyButton
            label="Copy all"
            text={() =>
              shown
                .map((entry) => `${entry.at} ${entry.level} ${entry.from ? `${entry.from}: ` : ""}${entry.message}`)
                .join("\n")
            }
          />
        </div>
      </div>
      <div
        ref={scroller}
        role="log"
        aria-label={label}
        // A scrollable region must be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto py-1.5 font-mono text-[12.5px] leading-5 focus-visible:outline-offset-[-2px]"
        onScroll={(event) => {
          const element = event.currentTarget;
          const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 24;
          const isUp = element.scrollTop < top.current;
          top.current = element.scrollTop;
          // Only a person goes up; what grows below moves nobody away from the end.
          if (atEnd ? !following : following && isUp) {
            setFollowing(atEnd);
            setSeen(entries.length);
          }
        }}
      >
        {entries.length === 0 && <p className="px-3 font-sans text-12 text-term-muted">{empty ?? "No lines yet."}</p>}
        <div style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {virtualizer.getVirtualItems().map((item) => {
            const entry = shown[item.index];
            if (!entry) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                style={{ position: "absolute", top: 0, left: 0, right: 0, transform: `translateY(${item.start}px)` }}
                className="flex gap-3 px-3 hover:bg-term-hover"
              >
                <span className="tnum shrink-0 text-term-muted select-none" title={entry.at}>
                  {timeOf(entry.at)}
                </span>
                {entry.from && <span className="max-w-48 shrink-0 truncate text-term-name">{entry.from}</span>}
                <span className={cx("min-w-0 break-words whitespace-pre-wrap", LEVEL[entry.level])}>
                  {entry.level === "warning" && <span className="sr-only">warning: </span>}
                  {entry.level === "error" && <span className="sr-only">error: </span>}
                  {entry.message}
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {!following && (
        <button
          type="button"
          onClick={() => setFollowing(true)}
          className="absolute right-4 bottom-3 flex h-7 items-center gap-1.5 rounded-full bg-accent px-3 text-12 font-medium text-on-accent shadow-2 hover:bg-accent-hover"
        >
          <ArrowDownToLine size={14} aria-hidden />
          {isOver ? "To the end" : fresh > 0 ? `paused · ${fresh} new` : "Follow"}
        </button>
      )}
    </section>
  );
}

function timeOf(at: string): string {
  const moment = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  return Number.isNaN(moment.getTime())
    ? at
    : `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}
