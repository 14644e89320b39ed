import type { ReactNode } from "react";

export interface FrameProps {
  readonly label: ReactNode;
  readonly help?: ReactNode;
  readonly error?: ReactNode;
  readonly required: boolean;
}

/** The frame of a parameter that has more than one control: a legend in place of a label. */
export function Group({ label, help, error, required, children }: FrameProps & { children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-1.5">
      {label && (
        <legend className="mb-1.5 text-12 font-medium">
          {label}
          {required && (
            <span className="ml-0.5 text-bad" aria-hidden title="Required">
              *
            </span>
          )}
        </legend>
      )}
      {children}
      {error && (
        <p role="alert" className="text-12 break-words text-bad">
          {error}
        </p>
      )}
      {help && <p className="text-12 text-muted">{help}</p>}
    </fieldset>
  );
}
