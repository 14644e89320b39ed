import { asProblem } from "@/api";
import type { Trigger } from "@/contract";
import { ConfirmDialog, ErrorState, RelativeTime } from "@/ui";
import { useDeleteTrigger } from "../../queries";
import { nameOf } from "./nameOf";

export function RemoveTriggerDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const remove = useDeleteTrigger(trigger.environment_id);
  const problem = remove.error ? asProblem(remove.error) : null;
  const isWebhook = trigger.type === "webhook";
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={isWebhook ? "Remove webhook" : `Remove schedule: ${nameOf(trigger)}`}
      description={
        <>
          Made <RelativeTime at={trigger.created_at} />, runs with the rights of {trigger.made_by.name}.
        </>
      }
      confirmLabel="Remove trigger"
      busy={remove.isPending}
      onConfirm={() => remove.mutate(trigger.id, { onSuccess: onClose })}
      removed={[
        isWebhook
          ? "Its address: every pipeline that calls it is refused from now on"
          : "The schedule; nothing runs by it any more",
      ]}
      kept={["The runs it has started, and what they applied"]}
      error={
        problem && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
