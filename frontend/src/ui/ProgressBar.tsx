import { cx } from "./cx";
import { TONE_FILL, type Tone } from "./tones";

export interface ProgressBarProps {
  /** 0…1; not given: length unknown. */
  value?: number;
  label: string;
  tone?: Tone;
  className?: string;
}

export function ProgressBar({ value, label, tone = "busy", className }: ProgressBarProps) {
  const share = value === undefined ? undefined : Math.min(1, Math.max(0, value));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === undefined ? undefined : Math.round(share * 100)}
      className={cx("h-1.5 w-full overflow-hidden rounded-full bg-active", className)}
    >
      <div
        className={cx(
          "h-full rounded-full transition-[width] duration-200",
          TONE_FILL[tone],
          share === undefined && "animate-shimmer w-full opacity-60",
        )}
        style={share === undefined ? undefined : { width: `${share * 100}%` }}
      />
    </div>
  );
}

/** Parts of a whole in one bar: done, unchanged, failed, skipped. */
export function SegmentBar({
  parts,
  total,
  label,
  className,
}: {
  parts: readonly { count: number; tone: Tone; word: string }[];
  total: number;
  label: string;
  className?: string;
}) {
  const said = parts.filter((part) => part.count > 0).map((part) => `${part.count} ${part.word}`);
  return (
    <div
      role="img"
      aria-label={`${label}: ${said.join(", ") || "nothing yet"} of ${total}`}
      className={cx("flex h-1.5 w-full gap-px overflow-hidden rounded-full bg-active", className)}
    >
      {parts.map(
        (part) =>
          part.count > 0 && (
            <div
              key={part.word}
              className={cx("h-full transition-[width] duration-200", TONE_FILL[part.tone])}
              style={{ width: `${(part.count / Math.max(total, 1)) * 100}%` }}
            />
          ),
      )}
    </div>
  );
}
