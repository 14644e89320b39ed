import { shortValue } from "@/model/form";
import type { Json } from "@/model/records";

/** The value before, struck out, and the value after. */
export function Values({ from, to }: { from: unknown; to: unknown }) {
  return (
    <span className="ml-1 font-mono">
      <span className="text-muted line-through decoration-bad/60">{valueText(from)}</span> →{" "}
      <span className="text-text">{valueText(to)}</span>
    </span>
  );
}

/** One value. */
export function ValueText({ of }: { of: unknown }) {
  return <span className="font-mono text-text">{valueText(of)}</span>;
}

/** A value in one line. */
export function valueText(value: unknown): string {
  return value === undefined || value === null ? "not set" : shortValue(value as Json) || '""';
}
