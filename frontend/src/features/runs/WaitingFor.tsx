import { StatusGlyph, useUnwell } from "@/product";

const SHOWN_WAITING = 4;

/** The nodes that verifying waits for, each with the reason. */
export function WaitingFor({ environmentId }: { environmentId: string }) {
  const unwell = useUnwell(environmentId);
  if (unwell.length === 0) return null;
  return (
    <ul aria-label="Waiting for" className="mt-3 flex flex-col gap-1">
      {unwell.slice(0, SHOWN_WAITING).map((status) => (
        <li key={status.node_id} className="flex min-w-0 items-center gap-2 text-13">
          <StatusGlyph status={status.health} word={false} />
          <span className="max-w-60 shrink-0 truncate">
            <span className="text-muted">{status.objects[0]?.ref.kind} </span>
            <span className="font-mono text-12">{status.objects[0]?.ref.name ?? status.node_id}</span>
          </span>
          <span className="min-w-0 truncate text-muted" title={status.reason}>
            {status.reason || status.health}
          </span>
        </li>
      ))}
      {unwell.length > SHOWN_WAITING && (
        <li className="pl-6 text-12 text-muted">and {unwell.length - SHOWN_WAITING} more</li>
      )}
    </ul>
  );
}
