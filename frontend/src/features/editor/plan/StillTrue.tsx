import { CircleCheck, CircleHelp, RotateCw, TriangleAlert } from "lucide-react";
import { asProblem } from "@/api";
import type { Plan, PlanMoved } from "@/contract";
import { sentence } from "@/model/words";
import { ObjectLine } from "@/product";
import { Button, Popover, Tooltip } from "@/ui";

interface StillTrueProps {
  readonly plan: Plan;
  /** Why it could not be looked at again; null after an answer. */
  readonly error: unknown;
  /** When the cluster was asked last. */
  readonly checkedAt: number;
  readonly onAgain: () => void;
  readonly busy: boolean;
}

/** Whether a run would still do what the plan says; if not, what has moved, by whom and when. */
export function StillTrue({ plan, error, checkedAt, onAgain, busy }: StillTrueProps) {
  const again = (
    <Button size="sm" icon={<RotateCw size={14} aria-hidden />} busy={busy} onClick={onAgain}>
      Plan again
    </Button>
  );
  if (error)
    return (
      <p role="status" className="flex min-w-0 items-center gap-1.5 text-12 text-muted">
        <CircleHelp size={14} className="shrink-0 text-unknown" aria-hidden />
        <span className="min-w-0 truncate">
          Not known whether it is still true. {sentence(asProblem(error).detail)}
        </span>
      </p>
    );
  const [first] = plan.moved;
  if (plan.still_true || !first)
    return (
      <div className="flex shrink-0 items-center gap-2">
        <Tooltip text={sayProof(plan, checkedAt)}>
          <p role="status" tabIndex={-1} className="flex items-center gap-1.5 text-12 text-ok">
            <CircleCheck size={14} aria-hidden /> still true{plan.unseen.length > 0 && ", as far as can be seen"}
          </p>
        </Tooltip>
        <span className="text-12 text-muted max-sm:hidden">at {clockOf(checkedAt)}</span>
        {again}
      </div>
    );
  const more = plan.moved.length - 1;
  return (
    <div className="flex min-w-0 items-center gap-2">
      <p role="status" className="flex min-w-0 items-center gap-1.5 text-12">
        <TriangleAlert size={14} className="shrink-0 text-warn" aria-hidden />
        <span className="min-w-0 truncate" title={sayMoved(first)}>
          <span className="font-medium">No longer true.</span> {sayMoved(first)}
        </span>
      </p>
      {more > 0 && (
        <Popover
          label="What has moved"
          width={420}
          align="end"
          trigger={
            <button type="button" className="shrink-0 rounded text-12 text-accent-text hover:underline">
              and {more} more
            </button>
          }
        >
          <ul className="flex max-h-80 flex-col gap-1.5 overflow-y-auto p-3 text-13">
            {plan.moved.map((one, index) => (
              <li key={index}>{one.ref ? <ObjectLine of={one.ref} note={withoutName(one)} /> : sentence(one.what)}</li>
            ))}
          </ul>
        </Popover>
      )}
      {again}
    </div>
  );
}

function sayProof({ unseen }: Plan, checkedAt: number): string {
  const asked = `A run would do exactly this. The cluster was asked at ${clockOf(checkedAt)}.`;
  if (unseen.length === 0) return asked;
  return `${asked} Not seen: ${new Intl.ListFormat("en").format(unseen)}. So a run tries every object again before it changes anything.`;
}

/** "web moved by kubectl at 14:02: replicas" */
function sayMoved(one: PlanMoved): string {
  return `${one.ref ? `${one.ref.name} ` : ""}${withoutName(one)}`;
}

function withoutName({ what, manager, at }: PlanMoved): string {
  if (!manager) return what;
  return `moved by ${manager}${at ? ` at ${clockOf(Date.parse(at))}` : ""}: ${what}`;
}

function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
