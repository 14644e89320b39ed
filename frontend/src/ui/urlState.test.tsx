// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { useTypedSearch, useUrlState } from "./urlState";

const at = (address: string) =>
  renderHook(
    () => {
      const [values, change] = useUrlState(["state", "tag"]);
      return { values, change, search: useLocation().search };
    },
    {
      wrapper: ({ children }: { children: ReactNode }) => (
        <MemoryRouter initialEntries={[address]}>{children}</MemoryRouter>
      ),
    },
  ).result;

it("reads what it names, and leaves the rest of the address alone", () => {
  const page = at("/runs?state=failed&other=1");
  expect(page.current.values).toEqual({ state: "failed", tag: "" });
  act(() => page.current.change({ tag: "a b" }));
  expect(page.current.search).toBe("?state=failed&other=1&tag=a+b");
});

it("an empty value leaves the address", () => {
  const page = at("/runs?state=failed&tag=x");
  act(() => page.current.change({ state: null, tag: "" }));
  expect(page.current.search).toBe("");
});

it("two changes at one moment both count", () => {
  const page = at("/runs");
  act(() => {
    page.current.change({ state: "failed" });
    page.current.change({ tag: "x" });
  });
  expect(page.current.search).toBe("?state=failed&tag=x");
});

afterEach(() => vi.useRealTimers());

it("a search is made once the person pauses, and not again when it is cleared with the address", () => {
  vi.useFakeTimers();
  const search = vi.fn();
  const list = renderHook(({ searched }) => useTypedSearch(searched, search), { initialProps: { searched: "" } });
  act(() => list.result.current[1]("we"));
  act(() => void vi.advanceTimersByTime(100));
  act(() => list.result.current[1]("web"));
  act(() => void vi.advanceTimersByTime(199));
  expect(search).not.toHaveBeenCalled();
  act(() => void vi.advanceTimersByTime(1));
  expect(search.mock.calls).toEqual([["web"]]);
  list.rerender({ searched: "web" });
  act(() => list.result.current[1](""));
  list.rerender({ searched: "" });
  act(() => void vi.advanceTimersByTime(1000));
  expect(search).toHaveBeenCalledTimes(1);
});
