import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment, Trigger } from "@/contract";
import { Checkbox, FormDialog, Segmented } from "@/ui";
import { useCreateTrigger } from "../../queries";
import { NameField } from "./NameField";
import { ScheduleFields } from "./ScheduleFields";
import { WhatFields, type WhatValue } from "./WhatFields";
import { WebhookMade } from "./WebhookMade";

const TYPES = [
  { value: "schedule" as const, label: "Schedule" },
  { value: "webhook" as const, label: "Webhook" },
];

/** Adds a schedule or a webhook; the address of a webhook is shown once. */
export function NewTriggerDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const create = useCreateTrigger(environment.id);
  const [type, setType] = useState<Trigger["type"]>("schedule");
  const [value, setValue] = useState(() => ({
    cron: "30 2 * * *",
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  }));
  const [name, setName] = useState("");
  const [signed, setSigned] = useState(false);
  const [chosen, setWhat] = useState<Partial<WhatValue>>({});
  // A pipeline calls after it has saved; a schedule comes while people draw.
  const what: WhatValue = { deploys: type === "schedule" ? "deployed" : "saved", may_delete: false, ...chosen };
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name", "cron", "time_zone"]);
  const given = { cron: value.cron.trim(), time_zone: value.zone.trim() };
  const ready = type === "webhook" || (given.cron !== "" && given.time_zone !== "");
  if (create.data?.type === "webhook") return <WebhookMade made={create.data} onClose={onClose} />;
  return (
    <FormDialog
      size="sm"
      title={`New trigger of ${environment.name}`}
      description="It runs with your rights, for as long as you have them."
      submit={type === "schedule" ? "Add schedule" : "Add webhook"}
      busy={create.isPending}
      disabled={!ready}
      onClose={onClose}
      onSubmit={() => {
        if (!ready) return;
        if (type === "webhook") create.mutate({ type, name: name.trim(), signed, ...what });
        else create.mutate({ type, name: name.trim(), ...given, ...what }, { onSuccess: onClose });
      }}
      failure={problem && summary && { title: "Not added", reason: summary, details: problem.describe() }}
    >
      <Segmented label="Kind of trigger" value={type} onChange={setType} options={TYPES} />
      <NameField value={name} onChange={setName} problem={problem} />
      {type === "schedule" ? (
        <ScheduleFields value={value} onChange={setValue} problem={problem} />
      ) : (
        <Checkbox
          checked={signed}
          onChange={setSigned}
          label="Calls are signed"
          help="Each call carries an HMAC-SHA256 of its body, made with a key that you get once. Calls without it are refused."
        />
      )}
      <WhatFields value={what} onChange={setWhat} />
    </FormDialog>
  );
}
