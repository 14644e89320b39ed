import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment, Trigger } from "@/contract";
import { Checkbox, FormDialog, Segmented } from "@/ui";
import { useCreateTrigger } from "../../queries";
import { ImagesField } from "./ImagesField";
import { NameField } from "./NameField";
import { ScheduleFields } from "./ScheduleFields";
import { WhatFields, type WhatValue } from "./WhatFields";
import { WebhookMade } from "./WebhookMade";

const TYPES = [
  { value: "schedule" as const, label: "Schedule" },
  { value: "webhook" as const, label: "Webhook" },
  { value: "build" as const, label: "New build" },
  { value: "image" as const, label: "New image" },
];
const SUBMIT = {
  schedule: "Add schedule",
  webhook: "Add webhook",
  build: "Add trigger",
  image: "Add trigger",
} as const;

/** Adds a schedule, a webhook, or a trigger that follows builds or images; the address of a webhook is shown once. */
export function NewTriggerDialog({ environment, onClose }: { environment: Environment; onClose: () => void }) {
  const create = useCreateTrigger(environment.id);
  const [type, setType] = useState<Trigger["type"]>("schedule");
  const [value, setValue] = useState(() => ({
    cron: "30 2 * * *",
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC",
  }));
  const [name, setName] = useState("");
  const [images, setImages] = useState<string[]>([]);
  const [signed, setSigned] = useState(false);
  const [chosen, setWhat] = useState<Partial<WhatValue>>({});
  // A pipeline calls after it has saved; a schedule and a build come while people draw.
  const what: WhatValue = { deploys: type === "webhook" ? "saved" : "deployed", may_delete: false, ...chosen };
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name", "cron", "time_zone", "images"]);
  const given = { cron: value.cron.trim(), time_zone: value.zone.trim() };
  const ready =
    type === "image" ? images.length > 0 : type !== "schedule" || (given.cron !== "" && given.time_zone !== "");
  if (create.data?.type === "webhook") return <WebhookMade made={create.data} onClose={onClose} />;
  return (
    <FormDialog
      size="sm"
      title={`New trigger of ${environment.name}`}
      description="It runs with your rights, for as long as you have them."
      submit={SUBMIT[type]}
      busy={create.isPending}
      disabled={!ready}
      onClose={onClose}
      onSubmit={() => {
        if (!ready) return;
        if (type === "webhook") create.mutate({ type, name: name.trim(), signed, ...what });
        else if (type === "schedule")
          create.mutate({ type, name: name.trim(), ...given, ...what }, { onSuccess: onClose });
        else if (type === "image") create.mutate({ type, name: name.trim(), images, ...what }, { onSuccess: onClose });
        else create.mutate({ type, name: name.trim(), ...what }, { onSuccess: onClose });
      }}
      failure={problem && summary && { title: "Not added", reason: summary, details: problem.describe() }}
    >
      <Segmented label="Kind of trigger" value={type} onChange={setType} options={TYPES} />
      <NameField value={name} onChange={setName} problem={problem} />
      {type === "schedule" && <ScheduleFields value={value} onChange={setValue} problem={problem} />}
      {type === "build" && (
        <p className="text-13 text-muted">
          Runs when a build of its sources succeeds and its image is not the one that runs. While other sources of the
          workflow are being built, it waits for them.
        </p>
      )}
      {type === "image" && (
        <ImagesField environmentId={environment.id} value={images} onChange={setImages} problem={problem} />
      )}
      {type === "webhook" && (
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
