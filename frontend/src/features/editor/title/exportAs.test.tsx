// @vitest-environment jsdom
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Toaster } from "@/ui";
import { aSession } from "../testing/session";
import { exportAs } from "./exportAs";

const missing = (node: string, source: string, code = "source.not_built") => ({
  code,
  detail: `nothing was built of ${source} yet; build it first`,
  field: `nodes.${node}.parameters.source`,
  node_ids: [node],
  edge_ids: [],
});
const image = (source: string, problem: object | null) => ({ node_id: source, source, pin: "", image: null, problem });
const NOT_BUILT = { code: "source.not_built", detail: "" };

/** A server that refuses the export for these reasons, and knows three sources: one is being built, one is built. */
function aServer(errors: object[]): string[] {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const path = url.replace("/api/v1/", "");
    sent.push(`${init.method ?? "GET"} ${path}`);
    if (path.startsWith("workflows/w/files"))
      return answer(400, { code: "graph.not_renderable", detail: "nothing was built of api yet", errors });
    if (path.startsWith("workflows/w/images"))
      return answer(200, {
        nodes: [image("api", NOT_BUILT), image("web", NOT_BUILT), image("old", null)],
        sources: [],
      });
    const name = new URL(url, "http://localhost").searchParams.get("name");
    if (path.startsWith("sources?"))
      return answer(200, { results: [{ id: `id-${name}`, last_build: name === "web" ? { ended_at: null } : null }] });
    return answer(202, {});
  });
  return sent;
}
const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status });

function exported(): void {
  render(<Toaster />);
  exportAs(aSession(), "t", "helm", "a Helm chart").perform();
}

afterEach(() => void vi.unstubAllGlobals());

describe("An export of what is not built", () => {
  it("says which sources have no image, and builds those that nobody builds already", async () => {
    const sent = aServer([missing("a", "api"), missing("w", "web")]);
    exported();

    expect(await screen.findByText("2 images are missing")).toBeTruthy();
    expect(screen.getByText(/built of api yet.*built of web yet.*Compose file can be exported/)).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Build them" }));

    expect(await screen.findByText("Building api, web")).toBeTruthy();
    expect(sent.filter((one) => one.startsWith("POST"))).toEqual(["POST sources/id-api/builds"]);
  });

  it("offers no build where something else is wrong as well", async () => {
    aServer([missing("a", "api"), missing("w", "web", "source.unknown")]);
    exported();

    await waitFor(() => expect(screen.getByText("The workflow could not be exported")).toBeTruthy());
    expect(screen.queryByRole("button", { name: /Build/ })).toBeNull();
  });
});
