// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession, InSession } from "../testing/session";
import { Problems } from "./Problems";

afterEach(() => vi.unstubAllGlobals());

const LAST = { build_id: "b1", number: 4, state: "failed", commit: "", at: "2026-11-20T10:00:00Z" };

/** The source "code" with this last build, and a problem of this code. */
function open(last: typeof LAST | null, code: string) {
  vi.stubGlobal("fetch", (url: string) =>
    Promise.resolve(
      Response.json(
        url.includes("/images")
          ? { nodes: [{ node_id: "code", source: "web", pin: "", last_build: last }], sources: ["web"] }
          : { id: "w", environments: [] },
      ),
    ),
  );
  const problem = {
    code,
    detail: "no build of web has succeeded yet",
    severity: "error" as const,
    field: "parameters.source",
    node_ids: ["code"],
    edge_ids: [],
  };
  const session = aSession({ document: aGraph([aNode("code", "source")]), problems: [problem] });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <InSession session={session}>
          <Problems />
        </InSession>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

it("leads from a source without a build to the log of the build that failed", async () => {
  open(LAST, "source.not_built");
  const link = await screen.findByRole("link", { name: "Open build #4" });
  expect(link.getAttribute("href")).toBe("/builds/b1");
});

it("leads nowhere from another problem of the same source", async () => {
  open(LAST, "source.pin");
  await screen.findByText("no build of web has succeeded yet");
  expect(screen.queryByRole("link")).toBeNull();
});
