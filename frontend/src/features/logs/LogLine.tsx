import { useMemo, useState } from "react";
import { plain, spansOf } from "@/model/ansi";
import { clockOf, fieldsOf, levelOf, sayNote, type Line, type LogSource } from "@/model/logs";
import { cx } from "@/ui";
import { widthOf } from "./Columns";

/** Colours of text on the dark ground of a terminal, by their number; 0 is not black, which nobody could read. */
const COLOURS = [
  ...["#8b97a7", "#ff8a84", "#7ed69b", "#e5a23f", "#8fb0ff", "#d3a4f0", "#6fd3d8", "#d7dde6"],
  ...["#a3adbb", "#ffb0ab", "#a5e8ba", "#f5c878", "#b6ccff", "#e4c6f7", "#9fe6ea", "#ffffff"],
];
const NAMES = ["#8fb0ff", "#7ed69b", "#e5a23f", "#d3a4f0", "#6fd3d8", "#ff8a84"];
const SHOWN = 4000;

export interface Look {
  wrap: boolean;
  times: boolean;
  /** Lines of JSON are shown in these columns; null: as they were written. */
  columns: readonly string[] | null;
  /** Which pod and container each line is of. */
  names: boolean;
}

export function LogLine({ line, source, look }: { line: Line; source: LogSource | undefined; look: Look }) {
  if (line.text === undefined)
    return (
      <div className="flex items-center gap-3 border-y border-term-line bg-term-hover px-3 font-sans text-12 text-term-warn">
        {look.names && <Name source={source} number={line.source} />}
        <span className="min-w-0 break-words">{sayNote(line)}</span>
      </div>
    );
  return (
    <div className="flex gap-3 px-3 hover:bg-term-hover">
      {look.times && (
        <span className="tnum w-24 shrink-0 text-term-muted select-none" title={line.at ?? ""}>
          {clockOf(line.at)}
        </span>
      )}
      {look.names && <Name source={source} number={line.source} />}
      <Text line={line} look={look} />
    </div>
  );
}

function Name({ source, number }: { source: LogSource | undefined; number: number }) {
  return (
    <span
      className="w-44 shrink-0 truncate @max-2xl:w-20"
      style={{ color: NAMES[number % NAMES.length] }}
      title={source && `${source.pod} · ${source.container}`}
    >
      {source ? `${source.pod} ${source.container}` : ""}
    </span>
  );
}

/** The names of the columns, above the lines. */
export function LogHead({ look }: { look: Look }) {
  if (!look.columns?.length) return null;
  return (
    <div className="sticky top-0 z-10 flex gap-3 border-b border-term-line bg-term px-3 py-0.5 text-12 text-term-muted">
      {look.times && <span className="w-24 shrink-0">Time</span>}
      {look.names && <span className="w-44 shrink-0 @max-2xl:w-20">Container</span>}
      {look.columns.map((name) => (
        <span key={name} className={cx(widthOf(name), "truncate")} title={name}>
          {name}
        </span>
      ))}
    </div>
  );
}

function Text({ line, look }: { line: Line; look: Look }) {
  const [whole, setWhole] = useState(false);
  const text = line.text ?? "";
  const fields = useMemo(() => (look.columns ? fieldsOf(text) : null), [look.columns, text]);
  const wrap = look.wrap ? "min-w-0 break-words whitespace-pre-wrap" : "whitespace-pre";
  if (fields && look.columns)
    return (
      <>
        {look.columns.map((name) => {
          const value = plain(fields.get(name) ?? "");
          return (
            <span
              key={name}
              title={value}
              className={cx(
                widthOf(name),
                look.wrap ? "break-words whitespace-pre-wrap" : "truncate",
                value !== "" && value === levelOf(fields) && levelTone(value),
              )}
            >
              {value.slice(0, SHOWN)}
            </span>
          );
        })}
      </>
    );
  const shown = whole ? text : text.slice(0, SHOWN);
  return (
    <span className={wrap}>
      {spansOf(shown).map((span, index) => (
        <span
          key={index}
          style={span.colour === null ? undefined : { color: COLOURS[span.colour] }}
          className={cx(span.bold && "font-semibold")}
        >
          {span.text}
        </span>
      ))}
      {text.length > SHOWN && (
        <button type="button" className="ml-2 text-term-name underline" onClick={() => setWhole(!whole)}>
          {whole ? "show less" : `show all ${text.length.toLocaleString("en")} characters`}
        </button>
      )}
      {line.cut && <span className="ml-2 text-term-warn">the line is longer than 256 KB; its rest is left out</span>}
    </span>
  );
}

function levelTone(level: string): string {
  const word = level.toLowerCase();
  if (/^(err|fatal|crit|panic)/.test(word)) return "text-term-bad";
  return word.startsWith("warn") ? "text-term-warn" : "text-term-muted";
}
