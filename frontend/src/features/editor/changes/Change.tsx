/** How a change of the graph is shown, in a comparison of versions and in a conflict. */
import { shortValue } from "@/model/form";
import type { Json } from "@/model/records";
import { cx } from "@/ui";

const MARKS = {
  added: ["+", "text-ok"],
  removed: ["−", "text-bad"],
  modified: ["~", "text-busy"],
} as const;

export function ChangeMark({ change }: { change: keyof typeof MARKS }) {
  const [mark, tone] = MARKS[change];
  return (
    <span className={cx("w-3 shrink-0 text-center font-mono font-bold", tone)} role="img" aria-label={change}>
      {mark}
    </span>
  );
}

/** The value before, struck out, and the value after. */
export function Values({ from, to }: { from: unknown; to: unknown }) {
  return (
    <span className="ml-1 font-mono">
      <span className="text-muted line-through decoration-bad/60">{textOf(from)}</span> →{" "}
      <span className="text-text">{textOf(to)}</span>
    </span>
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "not set" : shortValue(value as Json) || '""';
}
