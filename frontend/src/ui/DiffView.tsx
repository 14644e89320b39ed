import { cx } from "./cx";

export interface FieldChange {
  path: string;
  from: unknown;
  to: unknown;
  /** Values of secrets are never shown. */
  hidden?: boolean;
}

const said = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Changes by field path: `spec.replicas 1 → 3`, with signs beside the colours. */
export function DiffView({
  changes,
  label,
  className,
}: {
  changes: readonly FieldChange[];
  label: string;
  className?: string;
}) {
  return (
    <ul
      aria-label={label}
      className={cx("overflow-hidden rounded border border-line bg-code font-mono text-12", className)}
    >
      {changes.map((change) => (
        <li key={change.path} className="border-b border-line last:border-b-0">
          <p className="px-3 pt-1.5 break-all text-muted">{change.path}</p>
          {change.hidden ? (
            <p className="px-3 pb-1.5 text-unknown">changed (hidden)</p>
          ) : (
            <div className="pb-1.5">
              {change.from !== undefined && change.from !== null && (
                <DiffLine sign="−" tone="bg-bad-soft text-bad" text={said(change.from)} />
              )}
              {change.to !== undefined && change.to !== null && (
                <DiffLine sign="+" tone="bg-ok-soft text-ok" text={said(change.to)} />
              )}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function DiffLine({ sign, tone, text }: { sign: string; tone: string; text: string }) {
  return (
    <div className={cx("flex px-3", tone)}>
      <span className="w-4 shrink-0 select-none" aria-label={sign === "+" ? "now" : "before"}>
        {sign}
      </span>
      <span className="min-w-0 break-all whitespace-pre-wrap">{text}</span>
    </div>
  );
}
