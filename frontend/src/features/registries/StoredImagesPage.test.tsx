// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { TooltipProvider } from "@/ui";
import StoredImagesPage from "./StoredImagesPage";

const SESSION = { user: { id: "u1", teams: [{ id: "t1", name: "Shop", role: "admin" }] } };

afterEach(() => vi.unstubAllGlobals());

function open(status: number, body: object) {
  vi.stubGlobal("fetch", async (path: string) =>
    path.includes("/registries/embedded/images") ? Response.json(body, { status }) : Response.json(SESSION),
  );
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter>
        <TooltipProvider>
          <StoredImagesPage />
        </TooltipProvider>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

it("where no registry runs beside the server, that is not an error", async () => {
  open(409, { code: "registry.no_embedded", detail: "no registry runs beside this server" });
  expect(await screen.findByText("No embedded registry")).toBeDefined();
  expect(screen.getByRole("link", { name: "Registries" }).getAttribute("href")).toBe("/registries");
  expect(screen.queryByRole("searchbox")).toBeNull();
  expect(screen.queryByRole("button", { name: "Remove unused" })).toBeNull();
});

it("what else goes wrong is one, and can be tried again", async () => {
  open(503, { code: "registry.unavailable", detail: "it does not answer" });
  // What does not answer is asked again first, which takes about a second.
  expect(await screen.findByText("Images could not be loaded", {}, { timeout: 20_000 })).toBeDefined();
  expect(screen.getByRole("button", { name: "Retry" })).toBeDefined();
});
