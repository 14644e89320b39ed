import type { Import } from "@/contract";
import { becameWords, placesWord, placeWord } from "@/model/importWords";

type Row = Import["variables"][number];

/** Where each variable comes from, what uses it, and where that lands. */
export function Variables({ rows, graph }: { rows: readonly Row[]; graph: Import["graph"] }) {
  if (rows.length === 0) return <p className="text-13 text-muted">The files use no variables.</p>;
  return (
    <ul aria-label="Variables" className="rounded-card border border-line bg-surface text-12">
      {rows.map((row, index) => (
        <li key={index} className="border-b border-line px-3 py-2 last:border-b-0">
          <div className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-mono font-medium break-all">{row.name}</span>
            {row.value !== null && (row.value || !row.default_used) && (
              <span className="font-mono break-all">{row.value || "empty"}</span>
            )}
            {row.value === null && !row.default_used && <span className="text-warn">not set</span>}
            {row.default_used && (
              <span className="break-all text-muted">
                <span className="font-mono text-text">{row.defaults.map((text) => text || "empty").join(", ")}</span>,
                the default, since it is {row.value === null ? "not set" : "blank"}
              </span>
            )}
          </div>
          <p className="font-mono text-11 break-all text-muted">
            {originOf(row)}
            {row.used.length > 0 && `used at ${placesWord(row.used)}`}
          </p>
          {row.lands.length > 0 && (
            <p className="break-words text-muted">→ {becameWords({ became: row.lands }, graph).join(", ")}</p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** The document leaves open what an origin is: a place, a word, or nothing. */
function originOf({ origin }: Row): string {
  if (origin === null || origin === undefined) return "";
  return typeof origin === "object" ? `${placeWord(origin as Row["used"][number])} · ` : `${String(origin)} · `;
}
