import type { DriftChoice } from "@/api";
import type { DriftRow } from "@/contract";
import { whoHas } from "@/model/driftWords";
import { DecideMenu, Values } from "@/product";
import { RelativeTime } from "@/ui";

/** One field that others have changed, and the ways to settle it. */
export function DriftField({
  field,
  isBack = false,
  busy,
  guarded = false,
  onDecide,
}: {
  field: DriftRow["fields"][number];
  /** Shows the change that reverting it makes. */
  isBack?: boolean;
  busy: boolean;
  guarded?: boolean;
  /** Null where nothing is to be decided. */
  onDecide: ((choice: DriftChoice) => void) | null;
}) {
  const who = whoHas(field);
  return (
    <li className="flex items-start gap-2 border-b border-line px-3 py-2 text-12 last:border-b-0">
      <div className="flex min-w-0 flex-1 flex-col gap-0.5">
        <span className="font-mono break-all text-muted">{field.path}</span>
        <span className="-ml-1 min-w-0 break-words">
          {isBack ? <Values from={field.live} to={field.applied} /> : <Values from={field.applied} to={field.live} />}
        </span>
        <span className="text-muted">
          {who === null ? "taken away; who did it is not known" : `by ${who}`}
          {field.at && (
            <>
              {" "}
              <RelativeTime at={field.at} />
            </>
          )}
        </span>
      </div>
      {onDecide && <DecideMenu path={field.path} busy={busy} guarded={guarded} onDecide={onDecide} />}
    </li>
  );
}
