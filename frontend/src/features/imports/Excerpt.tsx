import { excerptOf } from "@/model/importFiles";
import { cx } from "@/ui";

interface ExcerptProps {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** The line of a file that was refused, with its neighbours. */
export function Excerpt({ text, line }: ExcerptProps) {
  return (
    <ol
      aria-label={`Lines around line ${line}`}
      className="overflow-x-auto rounded border border-line bg-code py-1 font-mono text-12"
    >
      {excerptOf(text, line).map(({ number, content }) => (
        <li
          key={number}
          aria-current={number === line || undefined}
          className={cx("flex w-max min-w-full gap-3 px-3", number === line && "bg-bad-soft")}
        >
          <span className={cx("tnum w-8 shrink-0 text-right", number === line ? "text-bad" : "text-faint")}>
            {number}
          </span>
          <span className="whitespace-pre">{content || " "}</span>
        </li>
      ))}
    </ol>
  );
}
