import { expect, it } from "vitest";
import { sentence } from "./words";

it.each([
  ["the name is taken", "The name is taken."],
  ["Done!", "Done!"],
  [" two words: ", "Two words:"],
  ["", ""],
])("%j as a sentence is %j", (text, expected) => {
  expect(sentence(text)).toBe(expected);
});
