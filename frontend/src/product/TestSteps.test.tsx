// @vitest-environment jsdom
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { TestSteps } from "./TestSteps";

afterEach(cleanup);

it("a report may change and go where scrolling gives a promise, as newer browsers have it", () => {
  HTMLElement.prototype.scrollIntoView = vi.fn(() => Promise.resolve()) as unknown as () => void;
  const steps = [{ name: "login", state: "failed", detail: "the password is wrong", took_ms: 3 }] as const;
  const { rerender } = render(<TestSteps of="the registry" steps={steps} names={{ login: "Sign-in" }} />);
  rerender(<TestSteps of="the registry" steps={[{ ...steps[0], state: "ok" }]} names={{ login: "Sign-in" }} />);
  expect(screen.getByRole("img", { name: "works" })).toBeTruthy();
  rerender(<p>gone</p>);
  expect(screen.getByText("gone")).toBeTruthy();
});
