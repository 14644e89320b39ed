import { useState } from "react";
import { asProblem } from "@/api";
import type { Trigger } from "@/contract";
import { FormDialog } from "@/ui";
import { useUpdateTrigger } from "../../queries";
import { ScheduleFields } from "./ScheduleFields";

/** Changes when a schedule fires. */
export function ScheduleDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const update = useUpdateTrigger(trigger.environment_id);
  const [value, setValue] = useState({ cron: trigger.cron, zone: trigger.time_zone });
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["cron", "time_zone"]);
  const given = { cron: value.cron.trim(), time_zone: value.zone.trim() };
  const ready = given.cron !== "" && given.time_zone !== "";
  return (
    <FormDialog
      size="sm"
      title="Edit schedule"
      description="From then on it runs with your rights."
      submit="Save schedule"
      busy={update.isPending}
      disabled={!ready}
      onClose={onClose}
      onSubmit={() => ready && update.mutate({ id: trigger.id, ...given }, { onSuccess: onClose })}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <ScheduleFields value={value} onChange={setValue} problem={problem} />
    </FormDialog>
  );
}
