import { useEffect, useRef, useState } from "react";
import { urlOf } from "@/api";
import { LogBuffer, type Line, type LogEntry, type LogSource } from "@/model/logs";
import { followEvents, type StreamState } from "@/realtime";

export interface Wanted {
  container: string;
  previous: boolean;
  since: string;
  tail: number;
}

export interface FollowedLogs {
  readonly lines: readonly Line[];
  readonly sources: ReadonlyMap<number, LogSource>;
  readonly state: StreamState;
  /** Containers that are left out, since there are too many. */
  readonly leftOut: number;
  readonly dropped: number;
}

const NOTHING: FollowedLogs = { lines: [], sources: new Map(), state: "connecting", leftOut: 0, dropped: 0 };

/** The logs of an object, followed; drawn once a frame however many lines come. */
export function useLogs(path: string, { container, previous, since, tail }: Wanted): FollowedLogs {
  const [shown, setShown] = useState(NOTHING);
  const frame = useRef(0);
  useEffect(() => {
    const buffer = new LogBuffer();
    const sources = new Map<number, LogSource>();
    // Sources are numbered anew in each connection; lines keep the name they had.
    let renumbered = new Map<number, number>();
    let state: StreamState = "connecting";
    let leftOut = 0;
    const draw = () => {
      frame.current ||= requestAnimationFrame(() => {
        frame.current = 0;
        setShown({ lines: buffer.lines.slice(), sources: new Map(sources), state, leftOut, dropped: buffer.dropped });
      });
    };
    const numberOf = (source: LogSource): number => {
      for (const [number, known] of sources)
        if (known.pod === source.pod && known.container === source.container) return number;
      return sources.size;
    };
    const url = urlOf(path, { container, since, tail, ...(previous ? { previous } : { follow: true }) });
    const stop = followEvents(
      url,
      ({ name, data }) => {
        if (name === "sources")
          for (const source of (data as { sources: LogSource[] }).sources) {
            const number = numberOf(source);
            renumbered.set(source.source, number);
            sources.set(number, { ...source, source: number });
          }
        if (name === "entries")
          buffer.add(
            (data as { entries: LogEntry[] }).entries.map((entry) => ({
              ...entry,
              source: renumbered.get(entry.source) ?? entry.source,
            })),
          );
        if (name === "limited") leftOut = (data as { left_out: number }).left_out;
        draw();
      },
      (next) => {
        if (next === "connecting") renumbered = new Map();
        state = next;
        draw();
      },
    );
    draw();
    return () => {
      stop();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [path, container, previous, since, tail]);
  return shown;
}
