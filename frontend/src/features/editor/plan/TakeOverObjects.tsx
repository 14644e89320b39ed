import { Import } from "lucide-react";
import type { Plan } from "@/contract";
import { takeableOf } from "@/model/adoption";
import { plural } from "@/model/words";
import { Button } from "@/ui";
import { useDocument } from "../state/session";
import type { Planning } from "./usePlan";

/** Drawn objects that are in the cluster and no workflow's: planned with that, a run takes them over. */
export function TakeOverObjects({ plan, planning }: { plan: Plan; planning: Planning }) {
  const readOnly = useDocument((state) => state.readOnly);
  const { length: count } = takeableOf(plan);
  if (count === 0 || readOnly) return null;
  const [are, belong, them] = count === 1 ? ["is", "belongs", "it"] : ["are", "belong", "them"];
  return (
    <div className="flex shrink-0 items-center gap-2 border-b border-line bg-busy-soft px-3 py-1.5 text-12">
      <Import size={14} className="shrink-0 text-busy" aria-hidden />
      <span className="min-w-0 flex-1">
        {plural(count, "object")} {are} in the cluster already, and {belong} to no workflow. A plan that takes {them}{" "}
        over shows whose fields change hands, and changes nothing.
      </span>
      <Button size="sm" busy={planning.making.isPending} onClick={() => planning.adopt(plan)}>
        Plan to take {them} over
      </Button>
    </div>
  );
}
