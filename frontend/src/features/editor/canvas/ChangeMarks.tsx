import { sayDrift, type NodeDrift } from "@/model/driftWords";
import type { CardMark } from "@/model/markedGraph";
import { cx, TONE_FILL, TONE_SOFT } from "@/ui";

/** Along the left edge of a card, in the colour of what becomes of it. */
export function ChangeBar({ change }: { change: CardMark }) {
  if (change.tone === "idle") return null;
  return (
    <span
      aria-hidden
      className={cx(
        "absolute inset-y-2 left-0 w-1 rounded-r-full",
        TONE_FILL[change.tone],
        change.gone && "opacity-60",
      )}
    />
  );
}

/** On the upper edge of a card: the shape and the word. What stays as it is has none, so that the rest stands out. */
export function ChangePill({ change, className }: { change: CardMark; className: string }) {
  if (change.tone === "idle") return null;
  return (
    <span
      aria-hidden
      className={cx(
        "absolute flex max-w-50 items-center gap-1 rounded-full border border-current leading-none font-medium whitespace-nowrap",
        TONE_SOFT[change.tone],
        className,
      )}
    >
      <span className="font-mono font-bold">{change.mark}</span>
      <span className="truncate">{change.word}</span>
    </span>
  );
}

/** On the lower edge of a card: how many fields others changed, or that two overwrite each other. */
export function DriftPill({ drift, className }: { drift: NodeDrift; className: string }) {
  return (
    <span
      aria-hidden
      data-tab="drift"
      title={sayDrift(drift)}
      className={cx(
        "tnum absolute flex items-center gap-1 rounded-full border border-current leading-none font-medium whitespace-nowrap",
        TONE_SOFT.warn,
        className,
      )}
    >
      <span className="font-mono font-bold">{drift.contested ? "⇄" : "≠"}</span>
      {drift.contested ? "contested" : `${drift.count} drifted`}
    </span>
  );
}
