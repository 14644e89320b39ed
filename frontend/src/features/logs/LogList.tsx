import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import type { Line, LogSource } from "@/model/logs";
import { LogHead, LogLine, type Look } from "./LogLine";

const LINE = 20;

/** Lines as they come: follows the end until the person scrolls up, then counts what is new. Dark in both themes. */
export function LogList({
  lines,
  sources,
  look,
  empty,
}: {
  lines: readonly Line[];
  sources: ReadonlyMap<number, LogSource>;
  look: Look;
  empty: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  const last = lines.at(-1)?.number ?? -1;
  // eslint-disable-next-line react-hooks/incompatible-library
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 30,
    getItemKey: (index) => lines[index]?.number ?? index,
  });
  useEffect(() => {
    if (following && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: "end" });
  }, [last, following, lines.length, virtualizer]);
  const fresh = following ? 0 : Math.max(0, last - seen);
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="log"
        aria-label="Log"
        // A scrollable region must be reachable by keyboard.
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto pb-1.5 font-mono text-[12.5px] leading-5 focus-visible:outline-offset-[-2px]"
        onScroll={(event) => {
          const element = event.currentTarget;
          const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
          if (atEnd !== following) {
            setFollowing(atEnd);
            setSeen(last);
          }
        }}
      >
        <LogHead look={look} />
        {lines.length === 0 && <p className="px-5 py-3 font-sans text-12 text-term-muted">{empty}</p>}
        <div style={{ height: virtualizer.getTotalSize(), position: "relative" }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <div
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                style={{
                  position: "absolute",
                  top: 0,
                  left: 0,
                  minWidth: "100%",
                  transform: `translateY(${item.start}px)`,
                }}
                className={look.wrap ? "right-0" : undefined}
              >
                <LogLine line={line} source={sources.get(line.source)} look={look} />
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
          {fresh > 0 ? `paused · ${fresh.toLocaleString("en")} new` : "Follow"}
        </button>
      )}
    </div>
  );
}
