import { RadioGroup } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";
import { useMedia } from "./media";
import { Select } from "./Select";

export interface SegmentedProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  options: readonly { value: T; label: ReactNode; count?: number }[];
  label: string;
  /** Where the page is narrower than this, in px, a list that opens takes its place. */
  from?: number;
  /** Of that list. */
  className?: string;
}

/** A few choices side by side, one of them selected; arrow keys select the next. */
export function Segmented<T extends string>({ value, onChange, options, label, from, className }: SegmentedProps<T>) {
  const isNarrow = useMedia(`(max-width: ${(from ?? 0) - 1}px)`);
  if (isNarrow)
    return (
      <Select label={label} value={value} onChange={onChange} options={options} className={cx("w-36", className)} />
    );
  return (
    <RadioGroup.Root
      aria-label={label}
      orientation="horizontal"
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className="inline-flex w-fit max-w-full overflow-x-auto rounded border border-line bg-sunken p-0.5 [scrollbar-width:none]"
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="inline-flex h-6.5 shrink-0 items-center gap-1.5 rounded-sm px-2.5 text-12 font-medium whitespace-nowrap text-muted transition-colors duration-100 hover:text-text focus-visible:outline-offset-[-2px] data-[state=checked]:bg-surface data-[state=checked]:text-text data-[state=checked]:shadow-1"
        >
          {option.label}
          {option.count !== undefined && <span className="tnum text-faint">{option.count}</span>}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
