import { useId } from "react";
import { Button, LinkButton } from "@/ui";

interface SubmitRowProps {
  readonly label: string;
  readonly isBusy: boolean;
  /** Why it cannot be sent yet; "" when it can. */
  readonly missing: string;
  readonly onSubmit: () => void;
}

/** The end of a form of a source: what is missing, a way back, and the way on. */
export function SubmitRow({ label, isBusy, missing, onSubmit }: SubmitRowProps) {
  const why = useId();
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {missing && (
        <span id={why} className="min-w-0 flex-1 text-right text-12 text-muted">
          {missing}
        </span>
      )}
      <LinkButton to="/imports" tone="ghost">
        Cancel
      </LinkButton>
      <Button
        tone="primary"
        busy={isBusy}
        disabled={missing !== ""}
        aria-describedby={missing ? why : undefined}
        onClick={onSubmit}
      >
        {label}
      </Button>
    </div>
  );
}
