// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { TooltipProvider } from "@/ui";
import { KindSelect } from "./KindSelect";

const kinds = vi.hoisted(() => {
  const kind = (name: string, plural: string) => ({
    id: name,
    group: "",
    version: "v1",
    kind: name,
    plural,
    namespaced: true,
    short_names: [],
    categories: [],
    verbs: [],
    subresources: [],
    judged: false,
  });
  return [kind("Pod", "pods"), kind("ConfigMap", "configmaps"), kind("Secret", "secrets")];
});
vi.mock("./queries", () => ({ useKinds: () => ({ data: kinds }) }));
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  },
);

async function opened() {
  const onChange = vi.fn();
  render(
    <TooltipProvider>
      <KindSelect clusterId="c" value="Pod" onChange={onChange} />
    </TooltipProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Kind: Pod" }));
  return onChange;
}

it("Enter takes the first kind that matches what was typed", async () => {
  const onChange = await opened();
  await userEvent.type(screen.getByRole("searchbox", { name: "Find a kind" }), "configm{Enter}");
  expect(onChange).toHaveBeenCalledExactlyOnceWith("ConfigMap");
});

it("Enter takes nothing while nothing was typed, or nothing matches", async () => {
  const onChange = await opened();
  const search = screen.getByRole("searchbox", { name: "Find a kind" });
  await userEvent.type(search, "{Enter}");
  await userEvent.type(search, "nosuch{Enter}");
  expect(onChange).not.toHaveBeenCalled();
});
