import { expect, test } from "vitest";
import { plain, spansOf } from "./ansi";

test("colours become spans, and whatever else an escape sequence says is left out", () => {
  expect(spansOf("\x1b[1;31merror\x1b[0m: no \x1b]0;title\x07database\x1b[2K")).toEqual([
    { text: "error", colour: 1, bold: true },
    { text: ": no ", colour: null, bold: false },
    { text: "database", colour: null, bold: false },
  ]);
  expect(spansOf("\x1b[38;5;12mblue\x1b[38;2;1;2;3mrest").map(({ colour }) => colour)).toEqual([12, 12]);
  expect(plain("bell\x07 and \x1b[32mgreen\r")).toBe("bell and green");
});

test("a line of escapes without end takes no longer than its length", () => {
  const began = performance.now();
  spansOf("\x1b]".repeat(50_000) + "\x1b[".repeat(50_000));
  expect(performance.now() - began).toBeLessThan(2000);
});
