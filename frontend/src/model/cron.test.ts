import { describe, expect, it } from "vitest";
import { sayCron } from "./cron";

describe("a cron schedule in words", () => {
  it.each([
    ["0 3 * * *", "Every day at 03:00"],
    ["@daily", "Every day at 00:00"],
    ["0 * * * *", "Every hour"],
    ["@hourly", "Every hour"],
    ["15 * * * *", "Every hour at 15 minutes past"],
    ["* * * * *", "Every minute"],
    ["*/5 * * * *", "Every 5 minutes"],
    ["*/15 9-17 * * 1-5", "Every 15 minutes from 09:00 to 17:59 Monday to Friday"],
    ["0 */6 * * *", "Every 6 hours"],
    ["30 8 * * 1-5", "Monday to Friday at 08:30"],
    ["30 8 * * mon,WED", "Every Monday and Wednesday at 08:30"],
    ["0 6,18 * * *", "Every day at 06:00 and 18:00"],
    ["0 0 1 * *", "On day 1 of the month at 00:00"],
    ["0 0 1,15 * *", "On day 1 and 15 of the month at 00:00"],
    ["0 0 1 1 *", "On day 1 of the month at 00:00 in January"],
    ["@weekly", "Every Sunday at 00:00"],
    ["0 0 * * 7", "Every Sunday at 00:00"],
    // A day of the month and a weekday are alternatives.
    ["0 0 13 * 5", "On day 13 of the month or on Friday at 00:00"],
    ["0 9-17 * * *", "Every hour from 09:00 to 17:00"],
    ["0 0 ? * *", "Every day at 00:00"],
    ["5 4 * jun-aug *", "Every day at 04:05 in June to August"],
  ])("%s is read as “%s”", (schedule, said) => expect(sayCron(schedule)).toBe(said));

  it.each([
    ["a step that does not divide the hour", "*/7 * * * *"],
    ["too few fields", "0 3 * *"],
    ["an hour that is none", "0 24 * * *"],
    ["a step from somewhere", "3/5 * * * *"],
    ["nothing", ""],
    ["a variable", "${SCHEDULE}"],
    ["a range the wrong way round", "0 0 * * 5-1"],
  ])("has no short reading for %s", (_case, schedule) => expect(sayCron(schedule)).toBeNull());
});
