/** Lines of logs as a page keeps and filters them. */
import type { Logs } from "@/contract";

export type LogSource = Logs["sources"][number];
export type LogEntry = Logs["results"][number];

export interface Line extends LogEntry {
  /** Grows with each line; the key of its row. */
  readonly number: number;
}

export const KEPT = 50_000;

/** The last KEPT lines, and how many came before them. */
export class LogBuffer {
  lines: Line[] = [];
  dropped = 0;
  private number = 0;

  add(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.lines.push({ ...entry, number: this.number++ });
    const over = this.lines.length - KEPT;
    if (over > KEPT / 10) {
      this.lines = this.lines.slice(over);
      this.dropped += over;
    }
  }

  clear(): void {
    this.dropped += this.lines.length;
    this.lines = [];
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

export interface JsonLine {
  readonly level: string;
  readonly message: string;
  readonly rest: readonly (readonly [string, string])[];
}

const LEVELS = ["level", "severity", "lvl", "log.level"];
const MESSAGES = ["message", "msg", "log", "text"];
const TIMES = ["time", "timestamp", "ts", "@timestamp", "at"];

/** A line that is one JSON object, in columns; null for any other. */
export function jsonLine(text: string): JsonLine | null {
  if (!text.startsWith("{") || text.length > 20_000) return null;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (found === null || typeof found !== "object" || Array.isArray(found)) return null;
  const rows = Object.entries(found as Record<string, unknown>);
  const first = (names: readonly string[]) => names.find((name) => rows.some(([key]) => key === name));
  const [level, message, time] = [first(LEVELS), first(MESSAGES), first(TIMES)];
  const say = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const of = (name: string | undefined) => (name ? say((found as Record<string, unknown>)[name]) : "");
  return {
    level: of(level),
    message: of(message),
    rest: rows
      .filter(([key]) => key !== level && key !== message && key !== time)
      .slice(0, 40)
      .map(([key, value]) => [key, say(value)] as const),
  };
}
