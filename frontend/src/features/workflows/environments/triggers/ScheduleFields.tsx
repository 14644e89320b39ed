import { useId } from "react";
import type { ApiProblem } from "@/api";
import { sayCron } from "@/model/cronWords";
import { Field, Input } from "@/ui";

export interface ScheduleValue {
  cron: string;
  zone: string;
}
const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone")];

/** When a schedule fires: cron with its words, and the time zone. */
export function ScheduleFields({
  value: { cron, zone },
  onChange,
  problem,
}: {
  value: ScheduleValue;
  onChange: (value: ScheduleValue) => void;
  problem: ApiProblem | null;
}) {
  const zones = useId();
  return (
    <>
      <Field
        label="Schedule"
        required
        error={problem?.of("cron")}
        help={sayCron(cron) || "Minute, hour, day of the month, month, day of the week, as in 30 2 * * 1-5; or @daily."}
      >
        <Input
          mono
          autoFocus
          maxLength={100}
          value={cron}
          onChange={(event) => onChange({ cron: event.target.value, zone })}
        />
      </Field>
      <Field label="Time zone" required error={problem?.of("time_zone")}>
        <Input
          list={zones}
          maxLength={64}
          value={zone}
          onChange={(event) => onChange({ cron, zone: event.target.value })}
        />
      </Field>
      <datalist id={zones}>
        {ZONES.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
