// @vitest-environment jsdom
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter, useLocation } from "react-router";
import { expect, it } from "vitest";
import { useUrlState } from "./urlState";

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
