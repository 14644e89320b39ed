// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { useCommandKeys } from "./commands";
import { Table, type Column } from "./Table";
import { useRowTabIndex } from "./TableRow";

const NOTHING: never[] = [];

function More({ of }: { of: string }) {
  return <button tabIndex={useRowTabIndex()}>{`More of ${of}`}</button>;
}

const COLUMNS: readonly Column<string>[] = [
  { id: "name", header: "Name", cell: (row) => row },
  { id: "more", header: "", cell: (row) => <More of={row} /> },
];

function Page({ onOpen }: { onOpen: (row: string) => void }) {
  useCommandKeys(NOTHING);
  return (
    <>
      <button>New</button>
      <Table label="Fruits" rows={["apple", "pear", "plum"]} columns={COLUMNS} rowKey={(row) => row} onOpen={onOpen} />
      <button>After</button>
    </>
  );
}

const focused = () => document.activeElement?.textContent;

it("j and k walk the rows, also while nothing has the focus", async () => {
  const onOpen = vi.fn();
  render(<Page onOpen={onOpen} />);
  const user = userEvent.setup();
  await user.keyboard("j");
  await vi.waitFor(() => expect(focused()).toMatch(/^apple/));
  await user.keyboard("jj");
  await vi.waitFor(() => expect(focused()).toMatch(/^plum/));
  await user.keyboard("k");
  await vi.waitFor(() => expect(focused()).toMatch(/^pear/));
  await user.keyboard("{Enter}");
  expect(onOpen.mock.calls).toEqual([["pear"]]);
});

it("Tab passes a table by its current row and the controls in it", async () => {
  render(<Page onOpen={() => undefined} />);
  const user = userEvent.setup();
  await user.click(screen.getByText("New"));
  const stops: (string | null | undefined)[] = [];
  for (let step = 0; step < 3; step += 1) {
    await user.tab();
    stops.push(focused());
  }
  expect(stops).toEqual(["appleMore of apple", "More of apple", "After"]);
});
