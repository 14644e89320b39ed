import { CircleAlert } from "lucide-react";
import { createContext, useContext, useId, type ReactNode } from "react";
import { cx } from "./cx";

interface FieldContextValue {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}
const FieldContext = createContext<FieldContextValue | null>(null);

/** Props that tie a control to the Field around it; empty outside of one. */
export function useFieldProps(): {
  id?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
} {
  const field = useContext(FieldContext);
  if (!field) return {};
  return {
    id: field.id,
    "aria-describedby": field.describedBy,
    "aria-invalid": field.invalid || undefined,
    "aria-required": field.required || undefined,
  };
}

export interface FieldProps {
  label: ReactNode;
  /** Under the control, always visible. */
  help?: ReactNode;
  /** Under the control: what is wrong and how to fix it. */
  error?: ReactNode;
  required?: boolean;
  /** Right of the label: a link, a unit, "by HPA". */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Field({ label, help, error, required = false, aside, className, children }: FieldProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const errorId = `${id}-error`;
  const describedBy = [error ? errorId : null, help ? helpId : null].filter(Boolean).join(" ") || undefined;
  return (
    <FieldContext value={{ id, describedBy, invalid: Boolean(error), required }}>
      <div className={cx("flex min-w-0 flex-col gap-1.5", className)}>
        <div className="flex items-baseline justify-between gap-2">
          <label htmlFor={id} className="text-12 font-medium text-text">
            {label}
            {required && (
              <span className="ml-0.5 text-bad" aria-hidden title="Required">
                *
              </span>
            )}
          </label>
          {aside && <span className="text-12 text-muted">{aside}</span>}
        </div>
        {children}
        {error && (
          <p id={errorId} role="alert" className="flex gap-1.5 text-12 text-bad">
            <CircleAlert size={14} className="mt-px shrink-0" aria-hidden />
            <span className="min-w-0 break-words">{error}</span>
          </p>
        )}
        {help && (
          <p id={helpId} className="text-12 text-muted">
            {help}
          </p>
        )}
      </div>
    </FieldContext>
  );
}
