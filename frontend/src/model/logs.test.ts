import { expect, test } from "vitest";
import { columnsOf, fieldsOf, FoundLines, KEPT, KEPT_CHARACTERS, LogBuffer, sayNote, usualColumns } from "./logs";

test("the newest lines are kept, and those before them are counted", () => {
  const buffer = new LogBuffer();
  for (let block = 0; block < 12; block += 1)
    buffer.add(Array.from({ length: KEPT / 10 }, (_, index) => ({ source: 0, at: null, text: `${block}.${index}` })));
  expect(buffer.lines.length + buffer.dropped).toBe(1.2 * KEPT);
  expect(buffer.lines.length).toBeLessThanOrEqual(1.1 * KEPT);
  expect(buffer.lines.at(-1)?.text).toBe(`11.${KEPT / 10 - 1}`);
});

test("a few very long lines do not fill the memory", () => {
  const buffer = new LogBuffer();
  const long = "x".repeat(256 * 1024);
  for (let index = 0; index < 400; index += 1) buffer.add([{ source: 0, at: null, text: long }]);
  expect(buffer.lines.length * long.length).toBeLessThanOrEqual(1.1 * KEPT_CHARACTERS + long.length);
  expect(buffer.lines.length + buffer.dropped).toBe(400);
});

test("a search looks at each line once, and forgets what is not kept any more", () => {
  const buffer = new LogBuffer();
  let looked = 0;
  const found = new FoundLines((text) => {
    looked += 1;
    return text.endsWith("0");
  });
  for (let block = 0; block < 15; block += 1) {
    buffer.add(Array.from({ length: 10_000 }, (_, index) => ({ source: 0, at: null, text: `${block} ${index}` })));
    expect(found.of(buffer.lines).length).toBe(buffer.lines.filter(({ text }) => text?.endsWith("0")).length);
  }
  expect(looked).toBe(150_000);
  expect(found.of([])).toEqual([]);
});

test("a line of JSON has fields, and columns are those of the latest lines", () => {
  const text = '{"ts":1,"tags":["a"],"level":"warn","msg":"slow","ms":250}';
  expect([...(fieldsOf(text) ?? [])]).toEqual([
    ["ts", "1"],
    ["tags", '["a"]'],
    ["level", "warn"],
    ["msg", "slow"],
    ["ms", "250"],
  ]);
  expect(["{broken", "[1]", "text", "null"].map(fieldsOf)).toEqual([null, null, null, null]);
  const lines = [text, '{"level":"info","msg":"fine","ms":1}', "plain"].map((each, number) => ({
    source: 0,
    at: null,
    text: each,
    number,
  }));
  expect(columnsOf(lines)).toEqual(["level", "msg", "ms", "tags", "ts"]);
  expect(usualColumns(columnsOf(lines))).toEqual(["level", "msg", "ms", "tags"]);
});

test("a note names the exit code", () => {
  const ended = { container_id: "a", exit_code: 137, reason: "OOMKilled", finished_at: "" };
  expect(sayNote({ source: 0, at: null, note: "restarted", detail: "", ended })).toBe(
    "The container was restarted (it had ended with exit code 137, OOMKilled)",
  );
});
