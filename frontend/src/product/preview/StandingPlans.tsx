import { CircleCheck, Clock, ShieldX, TriangleAlert, Undo2, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { planPath, sayActs, sayWhat, type Standing, type StandingPlan } from "@/model/approvals";
import { capital, sentence } from "@/model/words";
import { cx, RelativeTime } from "@/ui";

/** Each with its icon, its colour and its words. */
export const STANDING: Record<Standing, { Icon: LucideIcon; tone: string; word: string; short: string }> = {
  "to run": { Icon: CircleCheck, tone: "text-ok", word: "Approved, to be run", short: "Approved" },
  waiting: { Icon: Clock, tone: "text-warn", word: "Waits for an approval", short: "Waits" },
  refused: { Icon: ShieldX, tone: "text-bad", word: "Refused", short: "Refused" },
  moved: { Icon: TriangleAlert, tone: "text-warn", word: "No longer true, plan again", short: "Not true" },
  withdrawn: { Icon: Undo2, tone: "text-muted", word: "Withdrawn", short: "Withdrawn" },
  ran: { Icon: CircleCheck, tone: "text-muted", word: "Run", short: "Run" },
};

interface StandingRowsProps {
  readonly rows: readonly StandingPlan[];
  /** At the end of a row. */
  readonly action?: (row: StandingPlan) => ReactNode;
}

/** What stands in a protected environment, each plan with its link, who decided about it and why. */
export function StandingRows({ rows, action }: StandingRowsProps) {
  return (
    <ul aria-label="Plans for approval">
      {rows.map((row) => {
        const { plan, standing } = row;
        const { Icon, tone, word } = STANDING[standing];
        const { by, at, reason } = plan.approval;
        return (
          <li
            key={plan.id}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 text-12 last:border-b-0"
          >
            <span className="flex min-w-0 flex-1 basis-72 gap-2.5">
              <Icon size={16} className={cx("mt-px shrink-0", tone)} aria-hidden />
              <span className="min-w-0">
                <span className="block text-13">
                  <Link to={planPath(plan)} className="rounded-sm font-medium hover:underline">
                    {word}
                  </Link>
                  <span className="text-muted">
                    {" "}
                    · {sayWhat(plan)} · {capital(sayActs(plan.counts))}
                  </span>
                </span>
                <span className="block text-muted">
                  made by {plan.mine ? "you" : plan.by.name} <RelativeTime at={plan.created_at} />
                  {by !== null && (
                    <>
                      , {plan.approval.state} by {plan.mine && by.id === plan.by.id ? "you" : by.name}{" "}
                      <RelativeTime at={at} />
                    </>
                  )}
                </span>
                {reason && <span className="block break-words">{sentence(reason)}</span>}
              </span>
            </span>
            {action?.(row)}
          </li>
        );
      })}
    </ul>
  );
}
