// @vitest-environment jsdom
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useMemo } from "react";
import { describe, expect, it } from "vitest";
import { commandFor, menuItem, useAllCommands, useCommandKeys, useCommands, type Command } from "./commands";

const command = (changes: Partial<Command> & Pick<Command, "name">): Command => ({
  label: changes.name,
  group: "Test",
  perform: () => undefined,
  ...changes,
});
const press = (key: string): KeyboardEvent => new KeyboardEvent("keydown", { key });
const offer = (...commands: Command[]) => ({ commands, accepts: () => true });

describe("commandFor", () => {
  const connect = command({ name: "connect", keys: "c" });
  const clusters = command({ name: "clusters", keys: "g c" });

  it("takes the longer of two sequences", () => {
    expect(commandFor([press("c")], [offer(connect), offer(clusters)], false)).toBe(connect);
    expect(commandFor([press("g"), press("c")], [offer(connect), offer(clusters)], false)).toBe(clusters);
  });

  it("takes the one offered first in the list, and of a disabled one the next", () => {
    const other = command({ name: "copy", keys: "c" });
    expect(commandFor([press("c")], [offer(other), offer(connect)], false)).toBe(other);
    const off = command({ name: "off", keys: "c", enabled: () => false });
    expect(commandFor([press("c")], [offer(off), offer(connect)], false)).toBe(connect);
  });

  it("leaves keys to fields, to the browser, and to offers that do not accept them", () => {
    const always = command({ name: "palette", keys: "c", whileTyping: true });
    expect(commandFor([press("c")], [offer(connect)], true)).toBeUndefined();
    expect(commandFor([press("c")], [offer(connect, always)], true)).toBe(always);
    expect(commandFor([press("c")], [offer(command({ name: "n", keys: "c", native: true }))], false)).toBeUndefined();
    expect(commandFor([press("c")], [{ commands: [connect], accepts: () => false }], false)).toBeUndefined();
  });

  it("answers to any of several keys", () => {
    const remove = command({ name: "delete", keys: ["backspace", "delete"] });
    expect(commandFor([press("Delete")], [offer(remove)], false)).toBe(remove);
  });
});

describe("menuItem", () => {
  it("reads label, keys and whether it can be done now", () => {
    let selected = 0;
    const remove = command({
      name: "delete",
      label: () => `Delete ${selected} nodes`,
      keys: ["backspace", "delete"],
      enabled: () => selected > 0,
    });
    expect(menuItem(remove)).toMatchObject({ label: "Delete 0 nodes", shortcut: "backspace", disabled: true });
    selected = 2;
    expect(menuItem(remove)).toMatchObject({ label: "Delete 2 nodes", disabled: false });
  });
});

function Page({ done }: { done: string[] }) {
  useCommands(useMemo(() => [command({ name: "new", keys: "c", perform: () => done.push("page") })], [done]));
  return <input aria-label="Name" />;
}

function Shell({ done, page }: { done: string[]; page: boolean }) {
  const everywhere = useMemo(
    () => [
      command({ name: "new", perform: () => done.push("shell") }),
      command({ name: "help", keys: "?", perform: () => done.push("help") }),
      command({ name: "palette", keys: "mod+k", whileTyping: true, perform: () => done.push("palette") }),
    ],
    [done],
  );
  useCommandKeys(everywhere);
  const names = useAllCommands(everywhere).map((each) => `${each.name} ${String(each.keys ?? "")}`);
  return (
    <>
      <p>{names.join(", ")}</p>
      {page && <Page done={done} />}
    </>
  );
}

describe("the keys of a page", () => {
  it("are offered while it stands, and give way to fields", async () => {
    const person = userEvent.setup();
    const done: string[] = [];
    const shell = render(<Shell done={done} page />);
    await person.keyboard("c");
    await person.keyboard("?");
    expect(done).toEqual(["page", "help"]);
    await person.click(shell.getByRole("textbox"));
    await person.keyboard("c?{Control>}k{/Control}");
    expect(done).toEqual(["page", "help", "palette"]);
    shell.rerender(<Shell done={done} page={false} />);
    await person.keyboard("c");
    expect(done).toHaveLength(3);
  });

  it("take the place of a command of the same name that stands everywhere", () => {
    const shell = render(<Shell done={[]} page />);
    expect(shell.getByText("new c, help ?, palette mod+k")).toBeTruthy();
    shell.rerender(<Shell done={[]} page={false} />);
    expect(shell.getByText("new , help ?, palette mod+k")).toBeTruthy();
  });
});
