import type { ComponentProps } from "react";
import { CONTROL, READ_ONLY, wide } from "./control";
import { cx } from "./cx";
import { useFieldProps } from "./Field";

export interface TextareaProps extends ComponentProps<"textarea"> {
  mono?: boolean;
}

export function Textarea({ mono, className, rows = 4, ...rest }: TextareaProps) {
  const field = useFieldProps();
  return (
    <textarea
      rows={rows}
      spellCheck={false}
      className={cx(
        CONTROL,
        READ_ONLY,
        wide(className),
        "resize-y px-2.5 py-1.5",
        mono && "font-mono text-12",
        className,
      )}
      {...field}
      {...rest}
    />
  );
}
