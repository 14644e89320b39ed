import type { Plan } from "@/contract";
import { refKey } from "@/model/planWords";
import { plural } from "@/model/words";
import { ObjectLine } from "@/product";
import { ConfirmDialog } from "@/ui";

interface AboveBudgetProps {
  readonly plan: Plan;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** So many of the objects that go are listed; all are in the plan behind the dialog. */
const LISTED = 50;

/** A run would delete more than the environment lets go without a question: the person types how many. */
export function AboveBudget({ plan, onConfirm, onClose }: AboveBudgetProps) {
  const { count, budget } = plan.deletions;
  const going = plan.objects.filter(({ effect }) => effect === "delete");
  const staying = plan.objects.filter(({ effect }) => effect === "keep" || effect === "give_back");
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${plural(count, "object")} in ${plan.environment.name}?`}
      description={`That is more than the ${budget} that may go without this question. Type how many objects are deleted.`}
      confirmLabel={`Delete ${plural(count, "object")} and run`}
      typeToConfirm={String(count)}
      removed={[
        ...going.slice(0, LISTED).map(({ ref }) => <ObjectLine key={refKey(ref)} of={ref} />),
        ...(going.length > LISTED ? [`and ${going.length - LISTED} more, listed in the plan`] : []),
      ]}
      kept={staying.slice(0, LISTED).map(({ ref, reason }) => (
        <ObjectLine key={refKey(ref)} of={ref} note={reason} />
      ))}
      onConfirm={onConfirm}
    />
  );
}
