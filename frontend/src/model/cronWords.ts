/** Schedules in words. The server decides what a schedule is; here only the usual ones are said. */
const MACROS: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  ..."January February March April May June".split(" "),
  ..."July August September October November December".split(" "),
];

/** "Every day at 02:30", "Monday to Friday at 02:30"; empty where that would take more words than the schedule. */
export function sayCron(cron: string): string {
  const text = cron.trim().toLowerCase();
  const fields = (MACROS[text] ?? text).split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5) return "";
  const days = sayDays(day, month, weekday);
  if (days === "") return "";
  const often = sayOften(minute, hour);
  if (often !== "") return days === "Every day" ? often : `${days}, ${often.charAt(0).toLowerCase()}${often.slice(1)}`;
  const at = numberIn(minute, 59);
  const hours = hour.split(",").map((each) => numberIn(each, 23));
  if (at === null || hours.some((each) => each === null)) return "";
  return `${days} at ${list(hours.map((each) => `${two(each ?? 0)}:${two(at)}`))}`;
}

function sayOften(minute: string, hour: string): string {
  const every = /^\*\/(\d{1,2})$/.exec(hour === "*" ? minute : hour)?.[1];
  const at = numberIn(minute, 59);
  if (hour === "*" && (minute === "*" || every === "1")) return "Every minute";
  if (hour === "*" && every) return `Every ${every} minutes`;
  if (hour === "*" && at !== null) return `Every hour at :${two(at)}`;
  if (every === "1" && at !== null) return `Every hour at :${two(at)}`;
  return every && at !== null ? `Every ${every} hours at :${two(at)}` : "";
}

function sayDays(day: string, month: string, weekday: string): string {
  if (day === "*" && month === "*") return weekday === "*" ? "Every day" : sayWeekdays(weekday);
  const date = numberIn(day, 31, 1);
  if (date === null || weekday !== "*") return "";
  if (month === "*") return `On day ${date} of every month`;
  const of = numberIn(month, 12, 1);
  return of === null ? "" : `On ${date} ${MONTHS[of - 1]}`;
}

function sayWeekdays(text: string): string {
  const parts = text.split(",").map((part) => {
    const ends = part.split("-").map(weekdayIn);
    return ends.length > 2 || ends.includes("") ? "" : ends.join(" to ");
  });
  return parts.includes("") ? "" : list(parts);
}

function weekdayIn(text: string): string {
  const number = numberIn(text, 7);
  if (number !== null) return DAYS[number % 7] ?? "";
  return text.length === 3 ? (DAYS.find((day) => day.toLowerCase().startsWith(text)) ?? "") : "";
}

function numberIn(text: string, most: number, least = 0): number | null {
  if (!/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= least && number <= most ? number : null;
}

const two = (number: number): string => String(number).padStart(2, "0");
const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
