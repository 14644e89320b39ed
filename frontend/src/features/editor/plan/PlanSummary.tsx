import type { Plan } from "@/contract";
import { sayPlan, stanceCounts, type PlanStance } from "@/model/planWords";
import { cx, TONE_SOFT, TONE_TEXT } from "@/ui";

interface PlanSummaryProps {
  readonly plan: Plan;
  readonly chosen: ReadonlySet<PlanStance>;
  readonly onChoose: (chosen: ReadonlySet<PlanStance>) => void;
}

/** What a run would do, in one line; each part is a filter of the list, and explains its mark on the canvas. */
export function PlanSummary({ plan, chosen, onChoose }: PlanSummaryProps) {
  const counts = stanceCounts(plan.objects);
  const toggle = (stance: PlanStance): void => {
    const next = new Set(chosen);
    if (!next.delete(stance)) next.add(stance);
    onChoose(next);
  };
  return (
    <section aria-label="Summary" className="flex min-w-0 items-center gap-1.5 overflow-x-auto [scrollbar-width:none]">
      <p role="status" className="sr-only">
        {sayPlan(plan.objects)}
      </p>
      {counts.length === 0 && <p className="text-13 text-muted">A run would do nothing.</p>}
      {counts.map(({ stance, mark, tone, text }) => {
        const isChosen = chosen.has(stance);
        return (
          <button
            key={stance}
            type="button"
            aria-pressed={isChosen}
            onClick={() => toggle(stance)}
            className={cx(
              "flex h-7 shrink-0 items-center gap-1.5 rounded-full border px-2.5 text-12 font-medium whitespace-nowrap",
              isChosen ? cx(TONE_SOFT[tone], "border-current") : "border-line bg-surface hover:bg-hover",
            )}
          >
            <span aria-hidden className={cx("font-mono font-bold", TONE_TEXT[tone])}>
              {mark}
            </span>
            {text}
          </button>
        );
      })}
    </section>
  );
}
