import type { ComponentProps, ReactNode } from "react";
import { CONTROL, READ_ONLY, wide } from "./control";
import { cx } from "./cx";
import { useFieldProps } from "./Field";

export interface InputProps extends Omit<ComponentProps<"input">, "size" | "prefix"> {
  /** Names of objects, quantities, images: JetBrains Mono. */
  mono?: boolean;
  /** Inside, right: a unit. */
  unit?: ReactNode;
  /** Inside, left: an icon. */
  leading?: ReactNode;
  compact?: boolean;
}

export function Input({ mono, unit, leading, compact, className, ...rest }: InputProps) {
  const field = useFieldProps();
  const input = (
    <input
      spellCheck={false}
      autoComplete="off"
      className={cx(
        CONTROL,
        READ_ONLY,
        unit || leading ? "w-full" : wide(className),
        compact ? "h-7 px-2" : "h-8 px-2.5",
        mono && "font-mono text-12",
        unit && "pr-10",
        leading && "pl-8",
        !unit && !leading && className,
      )}
      {...field}
      {...rest}
    />
  );
  if (!unit && !leading) return input;
  return (
    <span className={cx("relative flex min-w-0 items-center", className)}>
      {leading && <span className="pointer-events-none absolute left-2.5 text-faint">{leading}</span>}
      {input}
      {unit && <span className="pointer-events-none absolute right-2.5 text-12 text-muted">{unit}</span>}
    </span>
  );
}
