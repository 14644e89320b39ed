// @vitest-environment jsdom
import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Tabs } from "./Tabs";

let resized: () => void = () => undefined;
const shown = vi.fn();
const size = { clientWidth: 300, scrollWidth: 300, scrollLeft: 0 };

beforeEach(() => {
  Object.assign(size, { clientWidth: 300, scrollWidth: 300, scrollLeft: 0 });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(told: () => void) {
        resized = told;
      }
      observe = vi.fn();
      disconnect = vi.fn();
    },
  );
  for (const name of ["clientWidth", "scrollWidth", "scrollLeft"] as const)
    vi.spyOn(Element.prototype, name, "get").mockImplementation(() => size[name]);
  Element.prototype.scrollIntoView = function (this: Element) {
    shown(this.textContent);
  };
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  shown.mockReset();
});

const tabs = ["Form", "YAML", "Status"].map((label) => ({ value: label, label, content: `of ${label}` }));
const open = (value: string) => render(<Tabs label="Node" value={value} onChange={vi.fn()} tabs={tabs} />);
const more = () => screen.queryAllByTitle("More tabs").length;
const become = (now: Partial<typeof size>) => {
  Object.assign(size, now);
  act(() => resized());
};

it("says on which side of the row there are more tabs, and on none where all are seen", () => {
  open("Form");
  become({});
  expect(more()).toBe(0);
  become({ scrollWidth: 420 });
  expect(more()).toBe(1);
  size.scrollLeft = 60;
  fireEvent.scroll(screen.getByRole("tablist"));
  expect(more()).toBe(2);
  size.scrollLeft = 120;
  fireEvent.scroll(screen.getByRole("tablist"));
  expect(more()).toBe(1);
  become({ clientWidth: 420, scrollLeft: 0 });
  expect(more()).toBe(0);
});

it("brings the chosen tab into sight, again when the row changes its width", () => {
  open("Status");
  expect(shown).toHaveBeenLastCalledWith("Status");
  shown.mockReset();
  become({ clientWidth: 100 });
  expect(shown).toHaveBeenLastCalledWith("Status");
});

it("adds nothing to the row for those who hear it", () => {
  open("Form");
  become({ scrollWidth: 420 });
  expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(["Form", "YAML", "Status"]);
  expect(screen.queryByRole("button")).toBeNull();
});
