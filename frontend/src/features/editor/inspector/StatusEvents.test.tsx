// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Evidence } from "@/contract";
import { TooltipProvider } from "@/ui";
import { StatusEvents } from "./StatusEvents";

const event = (more: Partial<Evidence>): Evidence =>
  ({
    ref: { api_version: "v1", kind: "Pod", namespace: "shop", name: "web-1" },
    reason: "BackOff",
    message: "",
    ...more,
  }) as Evidence;

it.each([
  [{ count: 3, at: null }, /BackOffPod web-13 times$/],
  [{ count: 1, at: null }, /BackOffPod web-1$/],
  [{ count: 3, at: "2020-01-01T00:00:00Z" }, /3 times · \S.*$/],
] as const)("an event with %j ends with what is known of it", (more, said) => {
  render(
    <TooltipProvider>
      <StatusEvents evidence={[event(more)]} failed={false} />
    </TooltipProvider>,
  );
  expect(screen.getByRole("listitem").textContent).toMatch(said);
});
