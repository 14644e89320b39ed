import { useMemo, type ReactNode } from "react";
import { diffLines, foldLines, pairLines, type ShownLine } from "@/model/lineDiff";
import { plural } from "@/model/words";
import { cx } from "@/ui";

export type DiffMode = "unified" | "split";

interface FieldDiffProps {
  readonly path: string;
  /** Null or undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
  readonly mode: DiffMode;
  /** With the lines that are equal on both sides. */
  readonly allLines?: boolean;
  /** Below the values: who has it, what can be done about it. */
  readonly children?: ReactNode;
}

/** One field: its path, and its values before and after, line by line; − and + beside the colours. */
export function FieldDiff({ path, before, after, mode, allLines = false, children }: FieldDiffProps) {
  const lines = useMemo(() => linesOf(before, after, allLines), [before, after, allLines]);
  return (
    <div className="overflow-hidden rounded border border-line bg-surface">
      {path !== "" && (
        <p className="border-b border-line bg-sunken px-2 py-1 font-mono text-11 break-all text-muted">{path}</p>
      )}
      {mode === "unified" ? (
        <div className="py-0.5">
          {lines.map((line, index) => (
            <Line key={index} line={line} />
          ))}
        </div>
      ) : (
        <div className="py-0.5">
          {pairLines(lines).map((pair, index) =>
            "type" in pair ? (
              <Line key={index} line={pair} />
            ) : (
              <div key={index} className="grid grid-cols-2 divide-x divide-line">
                {pair.left ? <Line line={pair.left} /> : <span className="bg-sunken" />}
                {pair.right ? <Line line={pair.right} /> : <span className="bg-sunken" />}
              </div>
            ),
          )}
        </div>
      )}
      {children && <div className="border-t border-line px-2 py-1.5 text-12">{children}</div>}
    </div>
  );
}

const SIGN = { same: " ", removed: "−", added: "+" } as const;
const SAID = { same: "", removed: "before: ", added: "after: " } as const;

function Line({ line }: { line: ShownLine }) {
  if (line.type === "fold")
    return <p className="px-2 text-11 text-muted">{plural(line.count, "equal line")} not shown</p>;
  return (
    <p
      className={cx(
        "flex min-w-0 gap-1.5 px-2 font-mono text-12",
        line.type === "removed" && "bg-bad-soft",
        line.type === "added" && "bg-ok-soft",
      )}
    >
      <span
        aria-hidden
        className={cx(
          "w-2 shrink-0 font-bold select-none",
          line.type === "removed" && "text-bad",
          line.type === "added" && "text-ok",
        )}
      >
        {SIGN[line.type]}
      </span>
      <span className="sr-only">{SAID[line.type]}</span>
      <span className="min-w-0 break-words whitespace-pre-wrap">{line.text}</span>
    </p>
  );
}

function linesOf(before: unknown, after: unknown, all: boolean): ShownLine[] {
  if (isUnset(before)) return [...textOf(after).split("\n")].map((text) => ({ type: "added", text }));
  if (isUnset(after)) return [...textOf(before).split("\n")].map((text) => ({ type: "removed", text }));
  const lines = diffLines(textOf(before), textOf(after));
  return all ? lines : foldLines(lines);
}

const isUnset = (value: unknown): boolean => value === null || value === undefined;

function textOf(value: unknown): string {
  if (isUnset(value)) return "not set";
  if (typeof value === "string") return value === "" ? '""' : value;
  return JSON.stringify(value, null, 2);
}
