/** When a cron schedule is due next, as the CronJob controller counts: minute, hour, day, month and weekday in a time zone. */
const MACROS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const WEEKDAYS = "sun mon tue wed thu fri sat".split(" ");
/** The 29th of February may be eight years away. */
const DAYS_MOST = 366 * 9;
const DAY_MS = 86_400_000;

/** The first moment after `after`; null for what is not a schedule or time zone, or is never due. */
export function nextRun(schedule: string, timeZone: string, after: Date): Date | null {
  const text = schedule.trim().toLowerCase();
  const [minute, hour, day, month, weekday, ...more] = (MACROS[text] ?? text).split(/\s+/);
  if (!minute || !hour || !day || !month || !weekday || more.length > 0) return null;
  const clock = clockOf(timeZone);
  const minutes = valuesOf(minute, 0, 59);
  const hours = valuesOf(hour, 0, 23);
  const days = valuesOf(day, 1, 31);
  const months = valuesOf(month, 1, 12, MONTHS);
  const weekdays = valuesOf(weekday, 0, 7, WEEKDAYS);
  if (!clock || !minutes || !hours || !days || !months || !weekdays) return null;
  const either = !/^[*?]/.test(day) && !/^[*?]/.test(weekday);
  const now = clock(after);
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  for (let ahead = 0; ahead < DAYS_MOST; ahead += 1) {
    const midnight = today + ahead * DAY_MS;
    const date = new Date(midnight);
    if (!months.has(date.getUTCMonth() + 1)) continue;
    const inMonth = days.has(date.getUTCDate());
    const inWeek = weekdays.has(date.getUTCDay()) || (date.getUTCDay() === 0 && weekdays.has(7));
    if (!(either ? inMonth || inWeek : inMonth && inWeek)) continue;
    for (const h of hours)
      for (const m of minutes) {
        const wall = midnight + (h * 60 + m) * 60_000;
        const moment = wall > now ? momentOf(wall, clock) : null;
        if (moment) return moment;
      }
  }
  return null;
}

/** What the clocks of a time zone show at a moment, as if that were UTC; null for a zone that nobody knows. */
function clockOf(timeZone: string): ((moment: Date) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    const parts = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
    format = new Intl.DateTimeFormat("en-US", { ...parts, hourCycle: "h23", timeZone: timeZone || "UTC" });
  } catch {
    return null;
  }
  return (moment) => {
    const found = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = found;
    return Date.UTC(year, month - 1, day, hour, minute);
  };
}

/** When the clocks show this; null where they jump over it. */
function momentOf(wall: number, clock: (moment: Date) => number): Date | null {
  let moment = wall;
  for (let turn = 0; turn < 3; turn += 1) moment += wall - clock(new Date(moment));
  return clock(new Date(moment)) === wall ? new Date(moment) : null;
}

function valuesOf(field: string, low: number, high: number, names: readonly string[] = []): ReadonlySet<number> | null {
  const found = new Set<number>();
  const read = (text: string): number => {
    const index = names.indexOf(text);
    return index >= 0 ? index + (low === 0 ? 0 : 1) : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  };
  for (const part of field.split(",").slice(0, 100)) {
    const [range = "", step, ...more] = part.split("/");
    const [from = "", to] = range.split("-");
    const every = step === undefined ? 1 : /^\d{1,2}$/.test(step) ? Number(step) : 0;
    const start = /^[*?]$/.test(range) ? low : read(from);
    const end = /^[*?]$/.test(range) || (to === undefined && step !== undefined) ? high : read(to ?? from);
    if (more.length > 0 || every < 1 || !(start >= low && end <= high && start <= end)) return null;
    for (let value = start; value <= end; value += every) found.add(value);
  }
  return new Set([...found].toSorted((a, b) => a - b));
}
