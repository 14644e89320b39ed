import { Pencil, Trash2 } from "lucide-react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { Button, ErrorState } from "@/ui";

/** Why something was not tested now; or that it did not work the last time. */
export function TestTrouble({ error, last }: { error: Error | null; last: { detail: string } | null | undefined }) {
  if (error) {
    const problem = asProblem(error);
    return <ErrorState inline title="Not tested" reason={problem.besides([])} details={problem.describe()} />;
  }
  if (!last) return null;
  return <ErrorState inline title="It did not work when it was last tested" reason={sentence(last.detail)} />;
}

/** At the end of the details of something that the person may change. */
export function EditRemove({ onEdit, onRemove }: { onEdit: () => void; onRemove: () => void }) {
  return (
    <div className="flex flex-wrap gap-2 border-t border-line pt-4">
      <Button size="sm" icon={<Pencil size={14} aria-hidden />} onClick={onEdit}>
        Edit
      </Button>
      <Button size="sm" tone="danger" icon={<Trash2 size={14} aria-hidden />} onClick={onRemove}>
        Remove
      </Button>
    </div>
  );
}
