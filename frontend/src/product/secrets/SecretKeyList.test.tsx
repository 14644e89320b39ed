// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { SecretNode } from "@/contract";
import { TooltipProvider } from "@/ui";
import { SecretKeyList } from "./SecretKeyList";

// jsdom has none; the dialog's checkbox asks for it.
class NoSizes {
  observe = vi.fn();
  unobserve = vi.fn();
  disconnect = vi.fn();
}
vi.stubGlobal("ResizeObserver", NoSizes);

const TOKEN = {
  key: "TOKEN",
  stored: true,
  stored_at: "2026-11-20T10:00:00Z",
  in_cluster: false,
  awaits_run: true,
  earlier_until: null,
};

function open(key: Partial<SecretNode["keys"][number]>) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TooltipProvider>
        <SecretKeyList
          of={{ workflow: "w", environment: "e" }}
          environment="prod"
          node={{ node_id: "s", name: "login", keys: [{ ...TOKEN, ...key }] }}
          writable
        />
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

async function askToDelete() {
  await userEvent.click(screen.getByRole("button", { name: "More for TOKEN" }));
  await userEvent.click(screen.getByRole("menuitem", { name: "Delete value…" }));
  return screen.getByRole("dialog");
}

it("does not promise to keep a value in the cluster that no run has applied", async () => {
  open({});
  const { textContent: said } = await askToDelete();
  expect(said).not.toContain("in the cluster");
  expect(said).toContain("The next run asks for it again");
  expect(said).toContain("it can be put back for a week");
});

it("keeps the value in the cluster where a run has applied one", async () => {
  open({ in_cluster: true });
  expect((await askToDelete()).textContent).toContain("The value in the cluster");
});

it("says of a value in the cluster where it is not known whether there is one", async () => {
  open({ in_cluster: null });
  expect((await askToDelete()).textContent).toContain("A value in the cluster, if it has one");
});

it("says of a deleted value until when it can be put back", () => {
  const until = "2026-12-04T10:00:00Z";
  open({ stored: false, stored_at: null, awaits_run: false, earlier_until: until });
  const words = `deleted; can be put back until ${new Date(until).toLocaleDateString()}`;
  expect(screen.getByText("no value")).toBeTruthy();
  expect(screen.getByText(words)).toBeTruthy();
});

it("says nothing of deletion of a value that was replaced", () => {
  open({ earlier_until: "2026-12-04T10:00:00Z" });
  expect(screen.queryByText(/^deleted/)).toBeNull();
});
