import { expect, it } from "vitest";
import { nextRun } from "./nextRun";

const next = (schedule: string, zone = "", after = "2026-11-27T16:30:00Z") =>
  nextRun(schedule, zone, new Date(after))?.toISOString().slice(0, 16) ?? null;

it.each([
  ["30 2 * * *", "", "2026-11-28T02:30"],
  ["30 2 * * *", "Europe/Berlin", "2026-11-28T01:30"],
  ["*/15 * * * *", "", "2026-11-27T16:45"],
  ["30 16 * * *", "", "2026-11-28T16:30"],
  ["0 9 * * mon-fri", "America/New_York", "2026-11-30T14:00"],
  ["0 0 1,15 * 7", "", "2026-11-29T00:00"],
  ["0 0 */2 * mon", "", "2026-12-07T00:00"],
  ["0 0 29 2 *", "", "2028-02-29T00:00"],
  ["@weekly", "", "2026-11-29T00:00"],
  ["5/20 * * * *", "", "2026-11-27T16:45"],
])("%s in %j is due next at %s", (schedule, zone, due) => {
  expect(next(schedule, zone)).toBe(due);
});

it("what the clocks jump over waits for the next day, and goes by summer time from then on", () => {
  expect(next("30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z")).toBe("2027-03-29T00:30");
});

it.each(["", "61 * * * *", "* * * *", "* * * * * *", "0 0 31 2 *", "@every 1h", "a b c d e", "*/0 * * * *"])(
  "%j is never due",
  (schedule) => {
    expect(next(schedule)).toBeNull();
  },
);

it("a time zone that nobody knows has no next time", () => {
  expect(next("* * * * *", "Mars/Phobos")).toBeNull();
});
