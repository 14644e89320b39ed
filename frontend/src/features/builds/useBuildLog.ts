import { useEffect, useRef, useState } from "react";
import { urlOf } from "@/api";
import type { BuildLine } from "@/contract";
import { followEvents, type StreamState } from "@/realtime";

export interface FollowedLog {
  readonly lines: readonly BuildLine[];
  readonly state: StreamState;
}

/** The log of a build, followed to its end; drawn once a frame however many lines come. */
export function useBuildLog(buildId: string): FollowedLog {
  const [shown, setShown] = useState<FollowedLog>({ lines: [], state: "connecting" });
  const frame = useRef(0);
  useEffect(() => {
    const lines: BuildLine[] = [];
    let state: StreamState = "connecting";
    const draw = () => {
      frame.current ||= requestAnimationFrame(() => {
        frame.current = 0;
        setShown({ lines: lines.slice(), state });
      });
    };
    const stop = followEvents(
      urlOf(`builds/${buildId}/logs`, { follow: true }),
      ({ name, data }) => {
        if (name === "lines") {
          const last = lines.at(-1)?.seq ?? 0;
          for (const line of (data as { lines: BuildLine[] }).lines) if (line.seq > last) lines.push(line);
        }
        if (name === "ended") {
          state = "over";
          stop();
        }
        draw();
      },
      (next) => {
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
  }, [buildId]);
  return shown;
}
