import { expect, it } from "vitest";
import { sayCron } from "./cronWords";

it.each([
  ["30 2 * * *", "Every day at 02:30"],
  ["@daily", "Every day at 00:00"],
  ["30 2 * * 1-5", "Monday to Friday at 02:30"],
  ["0 8,17 * * mon,wed", "Monday and Wednesday at 08:00 and 17:00"],
  ["0 0 * * 7", "Sunday at 00:00"],
  ["*/15 * * * *", "Every 15 minutes"],
  ["* * * * *", "Every minute"],
  ["*/1 * * * *", "Every minute"],
  ["0 */1 * * *", "Every hour at :00"],
  ["5 * * * *", "Every hour at :05"],
  ["0 */6 * * *", "Every 6 hours at :00"],
  ["*/10 * * * 1", "Monday, every 10 minutes"],
  ["0 4 1 * *", "On day 1 of every month at 04:00"],
  ["@yearly", "On 1 January at 00:00"],
])("a usual schedule is said in words: %s", (cron, words) => {
  expect(sayCron(cron)).toBe(words);
});

it.each(["", "30 2 * *", "61 2 * * *", "0 2 1 * 1", "0 2-5 * * *", "0 2 * * 9", "nonsense here a b c"])(
  "what is not a schedule, or not a usual one, is not said: %s",
  (cron) => {
    expect(sayCron(cron)).toBe("");
  },
);
