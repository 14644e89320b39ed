import { CircleCheck, ShieldAlert, ShieldX, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import type { Plan } from "@/contract";
import { sentence } from "@/model/words";
import { cx, RelativeTime } from "@/ui";

interface ApprovalStateProps {
  readonly approval: Plan["approval"];
  /** While nobody has decided. */
  readonly children: ReactNode;
}

const LOOKS = {
  approved: [CircleCheck, "text-ok", "Approved"],
  refused: [ShieldX, "text-bad", "Refused"],
  withdrawn: [Undo2, "text-muted", "Withdrawn"],
  none: [ShieldAlert, "text-warn", ""],
} as const;

/** Who has decided about a plan, when and why; else what is said meanwhile. */
export function ApprovalState({ approval: { state, by, at, reason }, children }: ApprovalStateProps) {
  const [Icon, tone, word] = LOOKS[state];
  return (
    <>
      <Icon size={16} className={cx("mt-px shrink-0", tone)} aria-hidden />
      <div className="min-w-0 flex-1">
        {state === "none" ? (
          children
        ) : (
          <p className="break-words">
            <span className="font-medium">{word}</span> by {by?.name ?? "somebody"}{" "}
            <RelativeTime at={at} className="text-muted" />
            {reason && <span className="block text-muted">{sentence(reason)}</span>}
          </p>
        )}
      </div>
    </>
  );
}
