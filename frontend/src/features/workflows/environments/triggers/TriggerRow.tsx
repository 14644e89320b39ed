import { CalendarClock, Container, Hammer, Pencil, Trash2, Webhook } from "lucide-react";
import { Link } from "react-router";
import { asProblem } from "@/api";
import type { Environment, Trigger } from "@/contract";
import { sayCron } from "@/model/cronWords";
import { sentence } from "@/model/words";
import { ErrorState, IconButton, RelativeTime, Switch, Tag } from "@/ui";
import { useUpdateTrigger } from "../../queries";
import { nameOf } from "./nameOf";
import { WatchedImages } from "./WatchedImages";

interface TriggerRowProps {
  trigger: Trigger;
  environment: Environment;
  writable: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

const ICONS = { schedule: CalendarClock, webhook: Webhook, build: Hammer, image: Container } as const;
const TAGS = { webhook: "webhook", build: "new build", image: "new image" } as const;
const CAME = { schedule: "Its time came", webhook: "Called", build: "Built", image: "Image moved" } as const;

/** One trigger: when it fires, and what came of it the last time. */
export function TriggerRow({ trigger, environment, writable, onEdit, onRemove }: TriggerRowProps) {
  const update = useUpdateTrigger(environment.id);
  const problem = update.error ? asProblem(update.error) : null;
  const { type, enabled, cron, time_zone: zone, next_at: next, made_by: by, signed } = trigger;
  const name = nameOf(trigger);
  const Icon = ICONS[type];
  const asked = update.isPending ? update.variables.enabled : undefined;
  return (
    <li className="flex flex-col gap-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="relative flex items-start gap-3">
        <Icon size={16} strokeWidth={1.5} className="mt-0.5 shrink-0 text-muted" aria-hidden />
        <div className="flex min-w-0 flex-1 flex-col gap-0.5">
          <p className="flex min-w-0 flex-wrap items-center gap-x-2 text-13 font-medium max-sm:min-h-7 max-sm:pr-28">
            <span className="min-w-0 break-words">{name === cron ? "Schedule" : name}</span>
            {trigger.name !== "" && type !== "schedule" && <Tag>{TAGS[type]}</Tag>}
            {signed && <Tag>signed calls</Tag>}
          </p>
          <p className="text-12 text-muted">
            {type === "schedule" && (
              <>
                {trigger.name !== "" && sayCron(cron) && `${sayCron(cron)} · `}
                <span className="font-mono whitespace-nowrap">{cron}</span> in {zone} ·{" "}
              </>
            )}
            {!enabled ? (
              "disabled"
            ) : type === "schedule" ? (
              <>
                next <RelativeTime at={next} />
              </>
            ) : type === "build" ? (
              "runs when a build of its sources succeeds"
            ) : type === "image" ? (
              "runs when a tag that it watches names another image"
            ) : (
              "runs when its address is called"
            )}
            {type === "webhook" && (
              <>
                {" "}
                · made <RelativeTime at={trigger.created_at} />
              </>
            )}{" "}
            · with the rights of {by.name}
          </p>
          <p className="text-12 text-muted">
            {trigger.deploys === "saved"
              ? "Deploys the saved graph"
              : "Deploys the newest version that a person deployed"}
            ; {trigger.may_delete ? "may delete objects within the budget" : "deletes nothing"}
          </p>
          {trigger.images.length > 0 && <WatchedImages trigger={trigger} environment={environment} />}
          {trigger.waiting && <Waiting waiting={trigger.waiting} type={type} />}
          {!(trigger.waiting && !trigger.last) && <Last trigger={trigger} environment={environment} />}
        </div>
        <div className="-mt-1 flex h-7 shrink-0 items-center gap-1 max-sm:absolute max-sm:top-0 max-sm:right-0">
          {writable && (
            <IconButton size="sm" label={`Edit ${name}`} onClick={onEdit}>
              <Pencil size={14} aria-hidden />
            </IconButton>
          )}
          {writable && (
            <IconButton size="sm" label={`Remove ${name}`} className="mr-2" onClick={onRemove}>
              <Trash2 size={14} aria-hidden />
            </IconButton>
          )}
          <Switch
            label={`${name} enabled`}
            checked={asked ?? enabled}
            disabled={!writable || update.isPending}
            onChange={(on) => update.mutate({ id: trigger.id, enabled: on })}
          />
        </div>
      </div>
      {problem && <ErrorState inline title="Not changed" reason={problem.besides([])} details={problem.describe()} />}
    </li>
  );
}

function Waiting({
  waiting: { at, reason },
  type,
}: {
  waiting: NonNullable<Trigger["waiting"]>;
  type: Trigger["type"];
}) {
  return (
    <p role="status" className="text-12 wrap-anywhere">
      <span className="font-medium text-busy">{CAME[type]}</span> <RelativeTime at={at} className="text-muted" />:{" "}
      {reason ? sentence(reason) : "A run is being planned."}
    </p>
  );
}

function Last({ trigger: { last }, environment }: { trigger: Trigger; environment: Environment }) {
  if (!last) return <p className="text-12 text-muted">Has not fired yet.</p>;
  const link = "rounded-sm whitespace-nowrap text-accent-text hover:underline";
  const plan = last.plan && (
    <Link className={link} to={`/workflows/${environment.workflow_id}?environment=${environment.id}&plan=${last.plan}`}>
      See the plan
    </Link>
  );
  if (last.run)
    return (
      <p className="text-12">
        Started{" "}
        <Link className={link} to={`/runs/${last.run.id}`}>
          run #{last.run.number}
        </Link>{" "}
        <RelativeTime at={last.at} className="text-muted" />
      </p>
    );
  if (last.outcome === "unneeded")
    return (
      <p className="text-12 wrap-anywhere text-muted">
        Nothing to do <RelativeTime at={last.at} />: {sentence(last.reason)}
      </p>
    );
  return (
    <p className="text-12 wrap-anywhere">
      <span className={last.outcome === "failed" ? "font-medium text-bad" : "font-medium text-warn"}>
        {last.outcome === "failed" ? "Failed" : "Held"}
      </span>{" "}
      <RelativeTime at={last.at} className="text-muted" />: {sentence(last.reason)} {plan}
    </p>
  );
}
