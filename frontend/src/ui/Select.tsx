import { Check, ChevronDown } from "lucide-react";
import { Select as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { CONTROL, wide } from "./control";
import { cx } from "./cx";
import { useFieldProps } from "./Field";

export interface SelectOption<T extends string = string> {
  value: T;
  label: ReactNode;
  hint?: ReactNode;
  icon?: ReactNode;
  disabled?: boolean;
}
export interface SelectProps<T extends string = string> {
  value: T | undefined;
  onChange: (value: T) => void;
  options: readonly SelectOption<T>[];
  placeholder?: string;
  /** Needed outside of a Field. */
  label?: string;
  disabled?: boolean;
  compact?: boolean;
  /** Shows the whole of a long choice, over several lines. */
  wrap?: boolean;
  className?: string;
}

/** Radix refuses "" as a value, our forms do not: this stands for it. */
const EMPTY = "\u0000";

export function Select<T extends string = string>({
  value,
  onChange,
  options,
  placeholder = "Choose",
  label,
  disabled,
  compact,
  wrap,
  className,
}: SelectProps<T>) {
  const field = useFieldProps();
  return (
    <Radix.Root
      value={value === "" ? EMPTY : value}
      onValueChange={(next) => onChange((next === EMPTY ? "" : next) as T)}
      disabled={disabled}
    >
      <Radix.Trigger
        {...field}
        aria-label={label}
        className={cx(
          CONTROL,
          wide(className),
          "flex shrink-0 items-center justify-between gap-2 text-left data-placeholder:text-faint",
          compact ? "h-7 px-2" : wrap ? "min-h-8 px-2.5 py-1" : "h-8 px-2.5",
          className,
        )}
      >
        <span className={wrap ? "min-w-0 wrap-anywhere" : "min-w-0 truncate"}>
          <Radix.Value placeholder={placeholder} />
        </span>
        <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="animate-pop z-60 max-h-(--radix-select-content-available-height) min-w-(--radix-select-trigger-width) overflow-hidden rounded-card border border-line bg-raised p-1 shadow-3"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <Radix.Item
                key={option.value}
                value={option.value === "" ? EMPTY : option.value}
                disabled={option.disabled}
                className="relative flex min-h-8 items-center gap-2 rounded py-1 pr-8 pl-2 text-13 outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover"
              >
                {option.icon}
                <span className="min-w-0">
                  <Radix.ItemText>{option.label}</Radix.ItemText>
                  {option.hint && <span className="block text-12 text-muted">{option.hint}</span>}
                </span>
                <Radix.ItemIndicator className="absolute right-2 text-accent-text">
                  <Check size={14} aria-hidden />
                </Radix.ItemIndicator>
              </Radix.Item>
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
