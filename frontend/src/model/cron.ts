/** A cron schedule read as a sentence, as the CronJob controller understands it. */
import { capital } from "./words";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MOST_TIMES = 4;

/** "Every day at 03:00", "Monday to Friday at 08:30"; null for what has no short reading, or is not a schedule. */
export function sayCron(text: string): string | null {
  const schedule = text.trim();
  const fields = (MACROS[schedule.toLowerCase()] ?? schedule).split(/\s+/);
  if (fields.length !== 5 || fields.some((field) => field.length > 100)) return null;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields.map((field) =>
    field === "?" ? "*" : field,
  );
  const times = sayTimes(minute, hour);
  const days = sayDays(day, weekday);
  const months = month === "*" ? "" : sayValues(month, 1, 12, (value) => MONTHS[value - 1], monthNumber);
  if (times === null || days === null || months === null) return null;
  const parts = times.at ? [days === "" ? "every day" : days, times.said] : [times.said, days];
  if (months !== "") parts.push(`in ${months}`);
  return capital(parts.filter(Boolean).join(" "));
}

interface Times {
  readonly said: string;
  /** Moments of a day, as opposed to a rhythm. */
  readonly at: boolean;
}

function sayTimes(minute: string, hour: string): Times | null {
  const minutes = numbers(minute, 0, 59);
  const hours = numbers(hour, 0, 23);
  if (minutes && hours && minutes.length * hours.length <= MOST_TIMES) {
    const times = hours.flatMap((h) => minutes.map((m) => clock(h, m)));
    return { said: `at ${listed(times)}`, at: true };
  }
  const within = sayHours(hour);
  const step = /^\*\/(\d+)$/.exec(minute);
  if (minute === "*" || step?.[1] === "1") return within === null ? null : { said: `every minute${within}`, at: false };
  if (step) {
    const every = Number(step[1]);
    // Of a step that does not divide the hour, the last one is shorter: no rhythm to be named.
    return within === null || every < 1 || 60 % every !== 0
      ? null
      : { said: `every ${every} minutes${within}`, at: false };
  }
  if (minutes?.length !== 1) return null;
  const past = minutes[0] === 0 ? "" : ` at ${minutes[0]} minutes past`;
  const hourStep = /^\*\/(\d+)$/.exec(hour);
  if (hour === "*" || hourStep?.[1] === "1") return { said: `every hour${past}`, at: false };
  if (hourStep) {
    const every = Number(hourStep[1]);
    return every < 1 || 24 % every !== 0 ? null : { said: `every ${every} hours${past}`, at: false };
  }
  const range = rangeOf(hour, 0, 23, decimal);
  if (!range) return null;
  return { said: `every hour${past} from ${clock(range[0], 0)} to ${clock(range[1], minutes[0] ?? 0)}`, at: false };
}

/** ", from 09:00 to 17:59" for a range of hours; empty for all of them. */
function sayHours(hour: string): string | null {
  if (hour === "*") return "";
  const range = rangeOf(hour, 0, 23, decimal);
  if (range) return ` from ${clock(range[0], 0)} to ${clock(range[1], 59)}`;
  const one = numbers(hour, 0, 23);
  return one?.length === 1 && one[0] !== undefined ? ` from ${clock(one[0], 0)} to ${clock(one[0], 59)}` : null;
}

/** Empty for every day. A day of the month and a weekday are alternatives, as in cron. */
function sayDays(day: string, weekday: string): string | null {
  const days = day === "*" ? "" : sayValues(day, 1, 31, String, decimal);
  const weekdays = weekday === "*" ? "" : sayValues(weekday, 0, 7, (value) => DAYS[value % 7], dayNumber);
  if (days === null || weekdays === null) return null;
  const inMonth = days === "" ? "" : `on day ${days} of the month`;
  if (inMonth !== "" && weekdays !== "") return `${inMonth} or on ${weekdays}`;
  if (inMonth !== "") return inMonth;
  if (weekdays === "") return "";
  return weekdays.includes(" to ") ? weekdays : `every ${weekdays}`;
}

type Reading = (text: string) => number | null;

function sayValues(
  field: string,
  low: number,
  high: number,
  name: (value: number) => string | undefined,
  read: Reading,
): string | null {
  const range = rangeOf(field, low, high, read);
  if (range) return `${name(range[0])} to ${name(range[1])}`;
  const found = numbers(field, low, high, read);
  return found && found.length <= 7 ? listed(found.map((value) => name(value) ?? String(value))) : null;
}

function rangeOf(field: string, low: number, high: number, read: Reading): readonly [number, number] | null {
  const [from, to, ...rest] = field.split("-");
  if (from === undefined || to === undefined || rest.length > 0) return null;
  const [start, end] = [read(from), read(to)];
  return start === null || end === null || start < low || end > high || start > end ? null : [start, end];
}

/** "1,15" as numbers; null where it is anything else. */
function numbers(field: string, low: number, high: number, read: Reading = decimal): number[] | null {
  const found = field.split(",").map(read);
  return found.every((value) => value !== null && value >= low && value <= high)
    ? (found as number[]).toSorted((a, b) => a - b)
    : null;
}

const decimal: Reading = (text) => (/^\d{1,3}$/.test(text) ? Number(text) : null);
const monthNumber: Reading = (text) => named(MONTHS, text, 1) ?? decimal(text);
const dayNumber: Reading = (text) => named(DAYS, text, 0) ?? decimal(text);

/** Months and days may be given by their first three letters. */
function named(words: readonly string[], text: string, first: number): number | null {
  if (text.length !== 3) return null;
  const index = words.findIndex((word) => word.toLowerCase().startsWith(text.toLowerCase()));
  return index < 0 ? null : index + first;
}

function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
}
