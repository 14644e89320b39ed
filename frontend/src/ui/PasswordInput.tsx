import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { CONTROL, READ_ONLY } from "./control";
import { cx } from "./cx";
import { useFieldProps } from "./Field";
import type { InputProps } from "./Input";

export function PasswordInput({ className, ...rest }: Omit<InputProps, "type" | "unit">) {
  const [shown, setShown] = useState(false);
  const field = useFieldProps();
  return (
    <span className={cx("relative flex items-center", className)}>
      <input
        type={shown ? "text" : "password"}
        spellCheck={false}
        className={cx(CONTROL, READ_ONLY, "h-8 w-full pr-9 pl-2.5")}
        {...field}
        {...rest}
      />
      <button
        type="button"
        aria-label={shown ? "Hide password" : "Show password"}
        className="absolute right-1 flex size-6 items-center justify-center rounded text-muted hover:text-text"
        onClick={() => setShown(!shown)}
      >
        {shown ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
      </button>
    </span>
  );
}
