/** Times in words; the clock is passed in. */
const UNITS: readonly [seconds: number, word: string][] = [
  [365 * 86400, "y"],
  [30 * 86400, "mo"],
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** "just now", "40 s ago", "3 min ago", "in 2 d". The past is rounded down, the future up. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  if (Math.abs(seconds) < 5) return "just now";
  return seconds > 0 ? `${inUnits(seconds, Math.floor)} ago` : `in ${inUnits(-seconds, Math.ceil)}`;
}

/** How long something has lasted: "since just now", "for 40 s", "for 3 min", "for 2 d", rounded down. */
export function howLong(from: number, now: number): string {
  const seconds = Math.round((now - from) / 1000);
  return seconds < 5 ? "since just now" : `for ${inUnits(seconds, Math.floor)}`;
}

function inUnits(seconds: number, round: (count: number) => number): string {
  for (const [index, [size, word]] of UNITS.entries()) {
    if (seconds < size) continue;
    const count = round(seconds / size);
    const above = UNITS[index - 1];
    // Rounding up may reach the next unit: 23 h 59 min is "1 d", not "24 h".
    return above && count * size >= above[0] ? `1 ${above[1]}` : `${count} ${word}`;
  }
  return `${seconds} s`;
}

/** "14 ms", "1.4 s", "12 s", "3 min 05 s", "2 h 10 min". */
export function duration(seconds: number): string {
  if (seconds < 0 || !Number.isFinite(seconds)) return "–";
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** What is still counted, in whole seconds: "0 s", "7 s", "3 min 05 s". */
export function counting(seconds: number): string {
  return seconds < 60 ? `${Math.floor(Math.max(0, seconds))} s` : duration(seconds);
}

/** The exact moment, local and UTC, for hover. */
export function exactTime(at: number): string {
  const moment = new Date(at);
  const local = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return `${local} · ${moment.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
