import { expect, test } from "vitest";
import { isAnswer } from "./terminal";

test("what a terminal answers by itself is told from what is typed", () => {
  const answers = [
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[24;80R",
    "\x1b[0n",
    "\x1b]11;rgb:1212/1818/2020\x1b\\",
    "\x1bP1$r0m\x1b\\",
  ];
  expect(answers.filter((each) => !isAnswer(each))).toEqual([]);
  expect(isAnswer(answers.join(""))).toBe(true);
  const typed = ["ls -la\r", "\x1b[A", "\x1bOP", "\x1b[3~", "\x1b", "c", "\x1b[200~pasted\x1b[201~", "\x03"];
  expect(typed.filter(isAnswer)).toEqual([]);
});
