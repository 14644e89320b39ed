import { asProblem } from "@/api";
import type { Trigger } from "@/contract";
import { ConfirmDialog, ErrorState, RelativeTime } from "@/ui";
import { useDeleteTrigger } from "../../queries";
import { nameOf } from "./nameOf";

const TITLE = {
  schedule: (name: string) => `Remove schedule: ${name}`,
  webhook: () => "Remove webhook",
  build: (name: string) => `Remove trigger: ${name}`,
  image: (name: string) => `Remove trigger: ${name}`,
} as const;
const REMOVED = {
  schedule: "The schedule; nothing runs by it any more",
  webhook: "Its address: every pipeline that calls it is refused from now on",
  build: "The trigger; new builds are deployed by nobody but people",
  image: "The trigger, and the digests it has seen: the next run takes what the tags name then",
} as const;

export function RemoveTriggerDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const remove = useDeleteTrigger(trigger.environment_id);
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={TITLE[trigger.type](nameOf(trigger))}
      description={
        <>
          Made <RelativeTime at={trigger.created_at} />, runs with the rights of {trigger.made_by.name}.
        </>
      }
      confirmLabel="Remove trigger"
      busy={remove.isPending}
      onConfirm={() => remove.mutate(trigger.id, { onSuccess: onClose })}
      removed={[REMOVED[trigger.type]]}
      kept={["The runs it has started, and what they applied"]}
      error={
        problem && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
