import { Check, TriangleAlert } from "lucide-react";
import type { DetectedApp } from "@/contract";
import { capital } from "@/model/words";
import { cx } from "@/ui";

const SHOWN = 4;

/** Why something is proposed, and what to know before it is built, each with the line that says so. */
export function Reasons({ app }: { app: DetectedApp }) {
  const [first, more] = [app.reasons.slice(0, SHOWN), app.reasons.slice(SHOWN)];
  return (
    <div className="flex flex-col gap-1.5 text-12">
      <ul aria-label={`Why ${app.name}`} className="flex flex-col gap-1">
        {first.map((one, at) => (
          <Line key={at} of={one} />
        ))}
      </ul>
      {more.length > 0 && (
        <details>
          <summary className="w-fit rounded text-muted hover:text-text">{more.length} more</summary>
          <ul className="mt-1 flex flex-col gap-1">
            {more.map((one, at) => (
              <Line key={at} of={one} />
            ))}
          </ul>
        </details>
      )}
      {app.warnings.length > 0 && (
        <ul aria-label={`Warnings of ${app.name}`} className="flex flex-col gap-1">
          {app.warnings.map((one, at) => (
            <Line key={at} of={one} warns />
          ))}
        </ul>
      )}
    </div>
  );
}

function Line({ of, warns = false }: { of: DetectedApp["reasons"][number]; warns?: boolean }) {
  const Icon = warns ? TriangleAlert : Check;
  return (
    <li className="flex items-start gap-1.5">
      <Icon size={13} className={cx("mt-0.5 shrink-0", warns ? "text-warn" : "text-ok")} aria-hidden />
      <span className="min-w-0 break-words">
        {capital(of.text)}{" "}
        {of.path && (
          <span className="font-mono break-all text-muted">
            {of.path}
            {of.line > 0 && `:${of.line}`}
          </span>
        )}
      </span>
    </li>
  );
}
