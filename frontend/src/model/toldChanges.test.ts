import { expect, test } from "vitest";
import { withChanges } from "./liveRows";
import { ToldChanges } from "./toldChanges";

const row = (name: string, more = 0) => ({ uid: name, namespace: "shop", name, more });

test("a further page, as old as the first one, has what was told before it came", () => {
  const told = new ToldChanges<ReturnType<typeof row>>();
  told.tell([row("f", 2), row("e")], ["h"]);
  const pages = [
    { results: [row("b")], next: "more" },
    { results: [row("f"), row("h")], next: null },
  ];
  const { rows, gone } = told.all();
  expect(withChanges(pages, rows, gone)[1]?.results).toEqual([row("e"), row("f", 2)]);
});

test("a whole list read anew holds what was told before it began, and not what came since", () => {
  const told = new ToldChanges<ReturnType<typeof row>>();
  told.tell([row("a", 1)], ["b"]);
  told.wholeBegins();
  told.tell([row("c")], []);
  expect(told.all()).toEqual({ rows: [row("a", 1), row("c")], gone: ["b"] });
  told.wholeArrived();
  expect(told.all()).toEqual({ rows: [row("c")], gone: [] });
});

test("too much to keep asks for a reload", () => {
  const told = new ToldChanges<ReturnType<typeof row>>();
  expect(
    told.tell(
      [],
      Array.from({ length: 2_000 }, (_, index) => `u${index}`),
    ),
  ).toBe(true);
  expect(told.tell([row("one more")], [])).toBe(false);
  expect(told.all()).toEqual({ rows: [], gone: [] });
});
