import { expect, test } from "vitest";
import { sortedBy, withChanges } from "./liveRows";

const row = (name: string, more = 0) => ({ uid: name, namespace: "shop", name, more });
const page = (names: readonly string[], next: string | null) => ({ results: names.map((name) => row(name)), next });

test("rows change in their place, come where they belong, and go", () => {
  const pages = [page(["b", "d"], "more"), page(["f", "h"], null)];
  const found = withChanges(pages, [row("d", 2), row("a"), row("e"), row("z")], ["f"]);
  expect(found.map(({ results }) => results.map(({ name }) => name))).toEqual([
    ["a", "b", "d"],
    ["e", "h", "z"],
  ]);
  expect(found[0]?.results[2]?.more).toBe(2);
  expect(pages[0]?.results).toHaveLength(2);
});

test("what belongs behind the last loaded row waits for its own page", () => {
  const found = withChanges([page(["b"], "more")], [row("z")], []);
  expect(found[0]?.results.map(({ name }) => name)).toEqual(["b"]);
});

test("numbers are sorted as numbers, names with numbers as people count, and nothing comes last", () => {
  const by = (value: unknown) => ({ value });
  const sorted = (values: readonly unknown[], down = false) =>
    sortedBy(values.map(by), ({ value }) => value, down).map(({ value }) => value);
  expect(sorted([10, 9, null, 2])).toEqual([2, 9, 10, null]);
  expect(sorted(["web-10", "<none>", "web-9"], true)).toEqual(["web-10", "web-9", "<none>"]);
});
