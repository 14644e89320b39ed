import { TriangleAlert } from "lucide-react";
import type { Plan } from "@/contract";
import { plural, sentence } from "@/model/words";
import { cx } from "@/ui";

/** Objects that wait after a run: no class is there for them, their image is gone, or their pods are refused. */
export function Lacking({ plan: { lacking }, className }: { plan: Pick<Plan, "lacking">; className?: string }) {
  const byReason = new Map<string, { names: string[]; isCreated: boolean }>();
  for (const { ref, detail, code } of lacking) {
    const names = [...(byReason.get(detail)?.names ?? []), `${ref.kind} ${ref.name}`];
    byReason.set(detail, { names, isCreated: code.startsWith("class.") });
  }
  if (byReason.size === 0) return null;
  return (
    <section aria-label="Objects that will wait" className={cx("bg-warn-soft px-3 py-1.5 text-12", className)}>
      <ul className="flex flex-col gap-1.5">
        {[...byReason].slice(0, REASONS).map(([detail, { names, isCreated }]) => (
          <li key={detail} className="flex gap-2">
            <TriangleAlert size={14} className="mt-px shrink-0 text-warn" aria-hidden />
            <span className="min-w-0 break-words">
              <span className="font-medium">
                {names.slice(0, NAMED).join(", ")}
                {names.length > NAMED && ` and ${plural(names.length - NAMED, "more object", "more objects")}`}{" "}
                {!isCreated ? "may not start." : names.length === 1 ? "is created and waits." : "are created and wait."}
              </span>{" "}
              {sentence(detail)}
            </span>
          </li>
        ))}
        {byReason.size > REASONS && <li className="pl-5.5">And {plural(byReason.size - REASONS, "more reason")}.</li>}
      </ul>
    </section>
  );
}

const NAMED = 3;
/** Further ones would cover what the plan does. */
const REASONS = 5;
