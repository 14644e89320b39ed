/** Lines of logs as a page keeps and filters them. */
import type { Logs } from "@/contract";

export type LogSource = Logs["sources"][number];
export type LogEntry = Logs["results"][number];

export interface Line extends LogEntry {
  /** Grows with each line; the key of its row. */
  readonly number: number;
}

export const KEPT = 100_000;
/** Of all lines together, however long they are. */
export const KEPT_CHARACTERS = 32_000_000;

/** The last KEPT lines, and how many came before them. */
export class LogBuffer {
  lines: Line[] = [];
  dropped = 0;
  private number = 0;
  private characters = 0;

  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.lines.push({ ...entry, number: this.number++ });
      this.characters += entry.text?.length ?? 0;
    }
    let over = this.lines.length > KEPT * 1.1 ? this.lines.length - KEPT : 0;
    let left = this.characters;
    for (let index = 0; index < over; index += 1) left -= this.lines[index]?.text?.length ?? 0;
    if (left > KEPT_CHARACTERS * 1.1)
      for (; left > KEPT_CHARACTERS && over < this.lines.length - 1; over += 1)
        left -= this.lines[over]?.text?.length ?? 0;
    if (over === 0) return;
    this.lines = this.lines.slice(over);
    this.dropped += over;
    this.characters = left;
  }
}

/** The lines that a search finds; each is looked at once, however often more come. */
export class FoundLines {
  private found: Line[] = [];
  private seen = -1;

  constructor(private readonly matches: (text: string) => boolean) {}

  of(lines: readonly Line[]): readonly Line[] {
    const first = lines[0]?.number ?? 0;
    const last = lines.at(-1)?.number ?? -1;
    if (last < this.seen) [this.found, this.seen] = [[], -1]; // other lines
    const fresh = lines.slice(Math.max(0, this.seen + 1 - first));
    const more = fresh.filter(({ text }) => text !== undefined && this.matches(text));
    this.seen = last;
    const gone = this.found.findIndex(({ number }) => number >= first);
    if (more.length > 0 || gone !== 0) this.found = [...(gone < 0 ? [] : this.found.slice(gone)), ...more];
    return this.found;
  }
}

/** "14:03:07.123" in the person's own time zone. */
export function clockOf(at: string | null): string {
  if (!at) return "";
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
}

/** What a note says, as a sentence. */
export function sayNote({ note, detail, ended }: LogEntry): string {
  const how = ended ? `exit code ${ended.exit_code ?? "unknown"}${ended.reason ? `, ${ended.reason}` : ""}` : "";
  switch (note) {
    case "waiting":
      return `Waiting for the container: ${detail}`;
    case "restarted":
      return `The container was restarted${how ? ` (it had ended with ${how})` : ""}`;
    case "ended":
      return `The container has ended${how ? ` with ${how}` : ""}`;
    case "gone":
      return "The pod is not there any more";
    case "gap":
      return `Lines may be missing here: ${detail}`;
    case "interrupted":
      return `Interrupted: ${detail}`;
    case "resumed":
      return "The cluster answers again";
    case "refused":
      return `This log may not be read: ${detail}`;
    default:
      return detail ?? "";
  }
}

const LEVELS = ["level", "severity", "lvl", "log.level"];
const MESSAGES = ["message", "msg", "log", "text"];
const TIMES = ["time", "timestamp", "ts", "@timestamp", "at"];
const PARSED_MOST = 20_000;
const FIELDS_MOST = 40;

export type Fields = ReadonlyMap<string, string>;

const say = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** The fields of a line that is one JSON object; null for any other. */
export function fieldsOf(text: string): Fields | null {
  if (!text.startsWith("{") || text.length > PARSED_MOST) return null;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (found === null || typeof found !== "object") return null;
  return new Map(
    Object.entries(found as Record<string, unknown>)
      .slice(0, FIELDS_MOST)
      .map(([key, value]) => [key, say(value)]),
  );
}

export const levelOf = (fields: Fields): string => LEVELS.map((name) => fields.get(name)).find((one) => one) ?? "";

const SAMPLED = 300;

/** Fields that the latest lines have, the most frequent first; those that tell most come before the rest. */
export function columnsOf(lines: readonly Line[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { text } of lines.slice(-SAMPLED))
    for (const key of (text === undefined ? null : fieldsOf(text))?.keys() ?? [])
      counts.set(key, (counts.get(key) ?? 0) + 1);
  const rank = (name: string) => (LEVELS.includes(name) ? 0 : MESSAGES.includes(name) ? 1 : 2);
  return [...counts.entries()]
    .sort(([a, often], [b, other]) => rank(a) - rank(b) || other - often || a.localeCompare(b))
    .map(([name]) => name);
}

/** What is shown until somebody chooses: level and message first, then what most lines have. Times stand before all. */
export const usualColumns = (columns: readonly string[]): readonly string[] =>
  columns.filter((name) => !TIMES.includes(name)).slice(0, 5);

export const isMessage = (name: string): boolean => MESSAGES.includes(name);
