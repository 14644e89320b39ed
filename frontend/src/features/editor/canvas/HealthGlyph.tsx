import type { NodeStatus } from "@/contract";
import { StatusGlyph, type AnyStatus } from "@/product";
import { Tooltip } from "@/ui";
import { ageText, whyStale } from "../words";

/** The health of a node as a glyph; the reason on hover. */
export function HealthGlyph({ status, size }: { status: NodeStatus | undefined; size: number }) {
  if (!status) return null;
  return (
    <Tooltip text={<HealthSentence status={status} />}>
      <span className="flex cursor-default">
        <StatusGlyph status={status.health as AnyStatus} word={false} stale={status.stale_since !== null} size={size} />
      </span>
    </Tooltip>
  );
}

function HealthSentence({ status }: { status: NodeStatus }) {
  const age = status.stale_since === null ? null : ageText(status.stale_since);
  return (
    <>
      <span className="font-medium capitalize">{status.health}</span>
      {status.reason && <span> · {status.reason}</span>}
      {age && (
        <span className="block text-muted">
          As of {age}. {whyStale(status)}
        </span>
      )}
    </>
  );
}
