// @vitest-environment jsdom
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { expect, it } from "vitest";
import { LocalTable, type LocalColumn } from "./LocalTable";

interface Fruit {
  name: string;
  weight: number;
}
const FRUITS: readonly Fruit[] = ["plum", "Apple", "pear 10", "pear 9", "fig", "kiwi", "lime", "date"].map(
  (name, at) => ({ name, weight: (at * 7) % 8 }),
);
const COLUMNS: readonly LocalColumn<Fruit>[] = [
  { id: "name", header: "Name", by: ({ name }) => name, cell: ({ name }) => name },
  { id: "weight", header: "Weight", by: ({ weight }) => weight, cell: ({ weight }) => weight },
  { id: "more", header: "More", cell: () => "…" },
];

function Address() {
  return <output aria-label="Address">{useLocation().search}</output>;
}
const shown = (address = "/", rows = FRUITS) =>
  render(
    <MemoryRouter initialEntries={[address]}>
      <LocalTable
        name="fruits"
        label="Fruits"
        noun={["fruit", "fruits"]}
        rows={rows}
        columns={COLUMNS}
        rowKey={({ name }) => name}
        defaultSort="name"
        texts={({ name }) => [name]}
      />
      <Address />
    </MemoryRouter>,
  );
const names = () =>
  within(screen.getByRole("table"))
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent);
const address = () => screen.getByLabelText("Address").textContent;

it("sorts as people do, by any column that has an order, and keeps that in the address", async () => {
  const user = userEvent.setup();
  shown();
  expect(names()).toEqual(["Apple", "date", "fig", "kiwi", "lime", "pear 9", "pear 10", "plum"]);
  expect(screen.queryByRole("button", { name: "More" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Weight" }));
  expect(names()[0]).toBe("Apple");
  expect(address()).toBe("?fruits.sort=-weight");
  await user.click(screen.getByRole("button", { name: "Weight" }));
  expect(names()[0]).toBe("plum");
});

it("finds by every word, says of how many, and leads back to all", async () => {
  const user = userEvent.setup();
  shown("/?fruits=PEAR");
  expect(names()).toEqual(["pear 9", "pear 10"]);
  expect(screen.getByText("2 of 8 fruits")).toBeDefined();
  await user.type(screen.getByRole("searchbox", { name: "Search fruits" }), " nothing");
  expect(screen.getByText("No matching fruits")).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Show all" }));
  expect(names()).toHaveLength(8);
  expect(address()).toBe("");
});

it("offers no search where everything is seen at a glance", () => {
  shown("/", FRUITS.slice(0, 3));
  expect(screen.queryByRole("searchbox")).toBeNull();
  expect(screen.getByText("3 fruits")).toBeDefined();
});
