import { Info } from "lucide-react";
import type { Plan } from "@/contract";
import { plural } from "@/model/words";
import { Button } from "@/ui";
import { useChangesSince } from "../queries";
import { useDocument, useEditor } from "../state/session";
import type { Planning } from "./usePlan";

/** The graph on the canvas is another one than that of the plan: how much of it is not in the plan. */
export function EditedSince({ plan, planning }: { plan: Plan; planning: Planning }) {
  const { workflowId } = useEditor();
  const rev = useDocument((state) => state.save.rev);
  const { data } = useChangesSince(workflowId, plan.version, rev);
  const count = data ? data.nodes.length + data.edges.length : 0;
  if (count === 0) return null;
  return (
    <div className="flex shrink-0 items-center gap-2 border-b border-line bg-busy-soft px-3 py-1.5 text-12">
      <Info size={14} className="shrink-0 text-busy" aria-hidden />
      <span className="min-w-0 flex-1">
        The workflow has {plural(count, "change")} since v{plan.version}, which {count === 1 ? "is" : "are"} not in this
        plan.
      </span>
      <Button size="sm" busy={planning.making.isPending} onClick={() => planning.plan(plan)}>
        Plan the current graph
      </Button>
    </div>
  );
}
