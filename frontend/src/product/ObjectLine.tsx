import type { ReactNode } from "react";
import type { components } from "@/contract";
import { cx } from "@/ui";
import { KindIcon } from "./KindIcon";

/** One object in a list of consequences: its kind and name, and a note beside or below them. */
export function ObjectLine({
  of,
  before,
  note,
  bad = false,
}: {
  of: Pick<components["schemas"]["Ref"], "kind" | "name">;
  /** In front of the name: "volumes of". */
  before?: string;
  /** Where it is, or why it stays. */
  note?: ReactNode;
  /** The note is a warning. */
  bad?: boolean;
}) {
  return (
    <span className="flex min-w-0 flex-wrap items-center gap-x-2">
      <span className="inline-flex min-w-0 items-center gap-2">
        <KindIcon kind={of.kind} size={14} className="shrink-0 text-muted" />
        {before && <span className="shrink-0">{before}</span>}
        <span className="min-w-0 font-mono text-12 break-all">
          {of.kind}/{of.name}
        </span>
      </span>
      {note && <span className={cx("min-w-0 text-12", bad ? "text-bad" : "text-muted")}>{note}</span>}
    </span>
  );
}
