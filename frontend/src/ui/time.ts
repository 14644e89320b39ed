/** Times in words. Pure: the clock is handed in. */
const UNITS: readonly [seconds: number, word: string][] = [
  [365 * 86400, "y"],
  [30 * 86400, "mo"],
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** "just now", "40 s ago", "3 min ago", "in 2 d". */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const said = size < 60 ? `${size} s` : inUnits(size);
  return seconds >= 0 ? `${said} ago` : `in ${said}`;
}

function inUnits(seconds: number): string {
  for (const [size, word] of UNITS) if (seconds >= size) return `${Math.floor(seconds / size)} ${word}`;
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

/** The exact moment, local and UTC, for hover. */
export function exactTime(at: number): string {
  const moment = new Date(at);
  const local = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
  return `${local} · ${moment.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
