import { useState } from "react";
import { asProblem } from "@/api";
import type { Trigger } from "@/contract";
import { FormDialog } from "@/ui";
import { useUpdateTrigger } from "../../queries";
import { ImagesField } from "./ImagesField";
import { NameField } from "./NameField";
import { ScheduleFields } from "./ScheduleFields";
import { WhatFields, type WhatValue } from "./WhatFields";

const NOUN = { schedule: "schedule", webhook: "webhook", build: "trigger", image: "trigger" } as const;

/** Changes what a trigger is called, when a schedule fires, and what it deploys. */
export function EditTriggerDialog({ trigger, onClose }: { trigger: Trigger; onClose: () => void }) {
  const update = useUpdateTrigger(trigger.environment_id);
  const [value, setValue] = useState({ cron: trigger.cron, zone: trigger.time_zone });
  const [name, setName] = useState(trigger.name);
  const [what, setWhat] = useState<WhatValue>({ deploys: trigger.deploys, may_delete: trigger.may_delete });
  const [images, setImages] = useState(() => trigger.images.map((one) => one.image));
  const isSchedule = trigger.type === "schedule";
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "cron", "time_zone", "images"]);
  const times = isSchedule && { cron: value.cron.trim(), time_zone: value.zone.trim() };
  const watches = trigger.type === "image" && { images };
  const ready = (!times || (times.cron !== "" && times.time_zone !== "")) && (!watches || images.length > 0);
  return (
    <FormDialog
      size="sm"
      title={`Edit ${NOUN[trigger.type]}`}
      description="From then on it runs with your rights."
      submit={`Save ${NOUN[trigger.type]}`}
      busy={update.isPending}
      disabled={!ready}
      onClose={onClose}
      onSubmit={() =>
        ready &&
        update.mutate({ id: trigger.id, name: name.trim(), ...times, ...watches, ...what }, { onSuccess: onClose })
      }
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <NameField value={name} onChange={setName} problem={problem} autoFocus={!isSchedule} />
      {isSchedule && <ScheduleFields value={value} onChange={setValue} problem={problem} />}
      {watches && (
        <ImagesField environmentId={trigger.environment_id} value={images} onChange={setImages} problem={problem} />
      )}
      <WhatFields value={what} onChange={setWhat} />
    </FormDialog>
  );
}
