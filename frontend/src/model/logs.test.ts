import { expect, test } from "vitest";
import { jsonLine, KEPT, LogBuffer, sayNote } from "./logs";

test("the newest lines are kept, and those before them are counted", () => {
  const buffer = new LogBuffer();
  for (let block = 0; block < 12; block += 1)
    buffer.add(Array.from({ length: KEPT / 10 }, (_, index) => ({ source: 0, at: null, text: `${block}.${index}` })));
  expect(buffer.lines.length + buffer.dropped).toBe(1.2 * KEPT);
  expect(buffer.lines.length).toBeLessThanOrEqual(1.1 * KEPT);
  expect(buffer.lines.at(-1)?.text).toBe(`11.${KEPT / 10 - 1}`);
});

test("a line of JSON is told by its level, its message and the rest", () => {
  expect(jsonLine('{"ts":1,"level":"warn","msg":"slow","ms":250,"tags":["a"]}')).toEqual({
    level: "warn",
    message: "slow",
    rest: [
      ["ms", "250"],
      ["tags", '["a"]'],
    ],
  });
  expect(["{broken", "[1]", "text"].map(jsonLine)).toEqual([null, null, null]);
});

test("a note names the exit code", () => {
  const ended = { container_id: "a", exit_code: 137, reason: "OOMKilled", finished_at: "" };
  expect(sayNote({ source: 0, at: null, note: "restarted", detail: "", ended })).toBe(
    "The container was restarted (it had ended with exit code 137, OOMKilled)",
  );
});
