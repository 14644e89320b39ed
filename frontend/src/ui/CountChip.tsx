import { cx } from "./cx";
import { TONE_SOFT, TONE_TEXT, type Tone } from "./tones";

export interface CountChipProps {
  readonly look: { readonly mark: string; readonly tone: Tone; readonly word: string };
  readonly count: number;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}

/** How many rows of a list are of one sort, and a way to see just those; nothing where there are none. */
export function CountChip({ look: { mark, tone, word }, count, isChosen, onToggle }: CountChipProps) {
  if (count === 0 && !isChosen) return null;
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      onClick={onToggle}
      className={cx(
        "flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-12 font-medium whitespace-nowrap",
        isChosen ? cx(TONE_SOFT[tone], "border-current") : "border-line bg-surface hover:bg-hover",
      )}
    >
      <span aria-hidden className={cx("font-mono font-bold", TONE_TEXT[tone])}>
        {mark}
      </span>
      {count} {word}
    </button>
  );
}
