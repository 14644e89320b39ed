import { Download, ScrollText } from "lucide-react";
import { useMemo, useState } from "react";
import { logsPath, urlOf, type ResourceAddress } from "@/api";
import { columnsOf, FoundLines, usualColumns, type LogSource } from "@/model/logs";
import { plural, sentence } from "@/model/words";
import { cx, EmptyState, ErrorState, Select } from "@/ui";
import { ColumnsChoice } from "./Columns";
import { LogList } from "./LogList";
import { useLogs } from "./useLogs";
import { useMatcher } from "./useMatcher";

const SINCE = [
  { value: "", label: "The last 500 lines" },
  { value: "15m", label: "The last 15 minutes" },
  { value: "1h", label: "The last hour" },
  { value: "6h", label: "The last 6 hours" },
  { value: "1d", label: "The last day" },
];
const TAIL = 500;
const TAIL_OF_TIME = 10_000;
const DARK = "w-44 bg-transparent! text-term-text! border-term-line!";
const TOGGLE =
  "h-7 rounded-sm px-2 text-12 text-term-muted hover:bg-term-hover aria-pressed:bg-term-hover aria-pressed:text-term-text";

export const CHOICES = ["container", "previous", "since", "find", "regex", "json", "columns"] as const;
type Choice = (typeof CHOICES)[number];
export type Choices = Readonly<Record<Choice, string>>;

/** The log of a pod, or those of all pods of a workload, as they are written. */
export function LogsView({
  address,
  names,
  choices: url,
  onChoose: setUrl,
}: {
  address: ResourceAddress;
  /** Of all containers, as far as they are known. */
  names: readonly string[];
  choices: Choices;
  onChoose: (changes: Partial<Record<Choice, string | null>>) => void;
}) {
  const path = logsPath(address);
  const logs = useLogs(path, {
    container: url.container,
    previous: url.previous === "1",
    since: url.since,
    tail: url.since ? TAIL_OF_TIME : TAIL,
  });
  const [look, setLook] = useState({ wrap: true, times: true });
  const { matches, error } = useMatcher(url.find, url.regex === "1");
  const found = useMemo(() => (matches ? new FoundLines(matches) : null), [matches]);
  const shown = found ? found.of(logs.lines) : logs.lines;
  const isJson = url.json === "1";
  const offered = useMemo(() => (isJson ? columnsOf(logs.lines) : []), [isJson, logs.lines]);
  const columns = useMemo(
    () => (url.columns ? url.columns.split(",").filter(Boolean) : usualColumns(offered)),
    [url.columns, offered],
  );
  const sources = [...logs.sources.values()];
  const containers = [...new Set([...names, ...sources.map(({ container }) => container)])];
  const { state } = logs;
  if (typeof state === "object")
    return state.code === "pod.simulated" ? (
      <EmptyState
        icon={<ScrollText size={20} strokeWidth={1.5} aria-hidden />}
        title="No logs: this cluster is simulated"
        className="flex-1"
      >
        {sentence(state.detail)}
      </EmptyState>
    ) : (
      <ErrorState title="The log cannot be read" reason={sentence(state.detail)} className="flex-1" />
    );
  const toggles = [
    ["wrap", "Wrap"],
    ["times", "Times"],
  ] as const;
  return (
    <section aria-label="Logs" className="@container flex h-full min-h-96 flex-col bg-term text-term-text">
      <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-term-line px-3 py-1.5">
        {containers.length > 1 && (
          <Select
            label="Container"
            compact
            className={DARK}
            value={url.container}
            onChange={(container) => setUrl({ container })}
            options={[
              { value: "", label: "All containers" },
              ...containers.map((name) => ({ value: name, label: name })),
            ]}
          />
        )}
        <Select
          label="From when"
          compact
          className={DARK}
          value={url.since}
          onChange={(since) => setUrl({ since })}
          options={SINCE}
        />
        <input
          value={url.find}
          onChange={(event) => setUrl({ find: event.target.value })}
          aria-label="Filter lines"
          aria-invalid={error !== "" || undefined}
          placeholder={url.regex === "1" ? "Filter by an expression" : "Filter lines"}
          className="h-7 min-w-40 flex-1 rounded-sm border border-term-line bg-transparent px-2 text-12 text-term-text placeholder:text-term-muted"
        />
        <button
          type="button"
          aria-pressed={url.regex === "1"}
          className={cx(TOGGLE, "font-mono")}
          title="Regular expression (RE2)"
          onClick={() => setUrl({ regex: url.regex === "1" ? null : "1" })}
        >
          .*
        </button>
        {url.find && (
          <span className={cx("tnum text-12", error ? "text-term-bad" : "text-term-muted")} role="status">
            {error || `${shown.length.toLocaleString("en")} of ${logs.lines.length.toLocaleString("en")}`}
          </span>
        )}
        {toggles.map(([name, label]) => (
          <button
            key={name}
            type="button"
            aria-pressed={look[name]}
            className={TOGGLE}
            onClick={() => setLook({ ...look, [name]: !look[name] })}
          >
            {label}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={isJson}
          className={TOGGLE}
          title="Lines of JSON in columns"
          onClick={() => setUrl({ json: isJson ? null : "1" })}
        >
          JSON
        </button>
        {isJson && (
          <ColumnsChoice
            className={TOGGLE}
            offered={offered}
            chosen={columns}
            onChange={(names) => setUrl({ columns: names.join(",") })}
          />
        )}
        <button
          type="button"
          aria-pressed={url.previous === "1"}
          className={TOGGLE}
          title="The instance before the last restart"
          onClick={() => setUrl({ previous: url.previous === "1" ? null : "1" })}
        >
          Previous
        </button>
        <a
          href={urlOf(path, {
            container: url.container,
            since: url.since,
            download: true,
            previous: url.previous === "1",
          })}
          download
          className={cx(TOGGLE, "inline-flex items-center gap-1.5")}
        >
          <Download size={14} aria-hidden />
          Download
        </a>
      </div>
      <Crashes sources={sources} />
      <LogList
        lines={shown}
        sources={logs.sources}
        look={{ ...look, columns: isJson ? columns : null, names: sources.length > 1 }}
        empty={emptyWords(state, logs.lines.length > 0)}
      />
      <p
        role="status"
        className="flex h-7 shrink-0 items-center gap-3 border-t border-term-line px-3 text-12 text-term-muted"
      >
        <span>{STATE_WORDS[state]}</span>
        <span className="tnum">{plural(logs.lines.length, "line", "lines")}</span>
        {logs.dropped > 0 && (
          <span>{`${plural(logs.dropped, "earlier line is", "earlier lines are")} not kept here`}</span>
        )}
        {logs.leftOut > 0 && (
          <span>{`${plural(logs.leftOut, "container is", "containers are")} left out: choose one`}</span>
        )}
      </p>
    </section>
  );
}

const STATE_WORDS = {
  connecting: "connecting",
  open: "following",
  waiting: "interrupted, trying again",
  over: "complete",
} as const;

const emptyWords = (state: keyof typeof STATE_WORDS, hasLines: boolean): string => {
  if (hasLines) return "No line fits the filter.";
  if (state === "connecting") return "Opening the log…";
  return state === "over" ? "The container wrote nothing." : "Nothing was written yet.";
};

/** Containers that crash again and again, with what their last end was. */
function Crashes({ sources }: { sources: readonly LogSource[] }) {
  const crashing = sources.filter(({ loops }) => loops);
  if (crashing.length === 0) return null;
  return (
    <ul className="shrink-0 border-b border-term-line bg-term-hover px-3 py-1.5 text-12 text-term-bad">
      {crashing.map(({ source, pod, container, restarts, ended }) => (
        <li key={source}>
          {`${container} in ${pod} keeps crashing: exit code ${ended?.exit_code ?? "unknown"}${ended?.reason ? `, ${ended.reason}` : ""}, ${plural(restarts, "restart", "restarts")}`}
        </li>
      ))}
    </ul>
  );
}
