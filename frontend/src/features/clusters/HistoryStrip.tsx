import type { ClusterHistory } from "@/contract";
import { cx, Tooltip } from "@/ui";

const TIME = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** How a cluster answered, a bar for each quarter of an hour; where nobody looked there is a gap. */
export function HistoryStrip({ history }: { history: ClusterHistory }) {
  const slotMs = history.slot_s * 1000;
  const byTime = new Map(history.slots.map((slot) => [Date.parse(slot.at), slot]));
  const last = Math.floor(Date.parse(history.until) / slotMs) * slotMs;
  const count = Math.round((Date.parse(history.until) - Date.parse(history.since)) / slotMs);
  const times = Array.from({ length: count }, (_, index) => last - (count - 1 - index) * slotMs);
  const seen = history.slots.reduce((sum, { ok, failed }) => sum + ok + failed, 0);
  const well = history.slots.reduce((sum, { ok }) => sum + ok, 0);
  const share = ((100 * well) / seen).toLocaleString("en-US", { maximumFractionDigits: 2 });
  const answered = seen ? `${share} % answered` : "nobody has looked yet";
  return (
    <figure className="flex flex-col gap-1.5">
      <div className="flex h-8 items-stretch gap-px" role="img" aria-label={answered}>
        {times.map((at) => {
          const slot = byTime.get(at);
          const bad = slot !== undefined && slot.failed > 0;
          const words = !slot
            ? "nobody looked"
            : bad
              ? `${slot.failed} of ${slot.ok + slot.failed} looks failed: ${slot.error ?? ""}`
              : `answered in ${slot.latency_ms ?? 0} ms`;
          return (
            <Tooltip key={at} text={`${TIME.format(at)}: ${words}`}>
              <span
                className={cx(
                  "min-w-px flex-1 rounded-xs",
                  !slot ? "bg-active" : bad ? (slot.ok ? "bg-warn" : "bg-bad") : "bg-ok",
                )}
              />
            </Tooltip>
          );
        })}
      </div>
      <figcaption className="flex justify-between text-12 text-muted">
        <span>{TIME.format(Date.parse(history.since))}</span>
        <span className="tnum">{answered}</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}
