import type { Evidence } from "@/contract";
import { RelativeTime, Tag } from "@/ui";
import { groupEvents } from "./evidence";

/** The events and states in the cluster that explain the health. */
export function StatusEvents({ evidence, failed }: { evidence: readonly Evidence[]; failed: boolean }) {
  return (
    <section aria-label="Events" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium">Events</h3>
      <ul className="flex flex-col gap-2">
        {groupEvents(evidence).map(({ event, names }, index) => (
          <li key={index} className="rounded border border-line bg-sunken px-3 py-2">
            <p className="flex flex-wrap items-center gap-x-2 text-12">
              <Tag tone={failed ? "bad" : "warn"}>{event.reason}</Tag>
              <span className="min-w-0 truncate font-mono text-muted" title={names.join(", ")}>
                {names.length > 1 ? `${names.length} × ${event.ref.kind}` : `${event.ref.kind} ${event.ref.name}`}
              </span>
              <span className="ml-auto text-muted">
                {(event.count ?? 0) > 1 && `${event.count} times`}
                {(event.count ?? 0) > 1 && event.at && " · "}
                {event.at && <RelativeTime at={event.at} />}
              </span>
            </p>
            {event.message && <p className="mt-1 font-mono text-12 break-words whitespace-pre-wrap">{event.message}</p>}
            {names.length > 1 && <p className="mt-1 font-mono text-11 break-words text-muted">{names.join(", ")}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
