import { afterEach, describe, expect, it, vi } from "vitest";
import { putGraphOf } from "./server";

const GRAPH = { nodes: [], edges: [] };

function answers(status: number, body: unknown): void {
  vi.stubGlobal("document", { cookie: "" });
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(body), { status }));
}
afterEach(() => void vi.unstubAllGlobals());

describe("the answer to a save", () => {
  it("is the new revision with the problems of the server", async () => {
    answers(200, { rev: 4, problems: [] });
    expect(await putGraphOf("w")(3, GRAPH)).toEqual({ type: "saved", rev: 4, problems: [] });
  });

  it("is what somebody else saved first, and who", async () => {
    answers(409, { code: "graph.stale", detail: "x", current: { ...GRAPH, rev: 9, updated_by: { name: "Grace" } } });
    expect(await putGraphOf("w")(3, GRAPH)).toMatchObject({ type: "stale", rev: 9, by: "Grace" });
  });

  it("is a refusal with its reason as a sentence, and the problems by field", async () => {
    const error = { code: "x", detail: "no such kind", severity: "error", field: "nodes.a.kind" };
    answers(400, { code: "graph.invalid", detail: "the graph is invalid", errors: [error] });
    expect(await putGraphOf("w")(3, GRAPH)).toMatchObject({
      type: "refused",
      reason: "No such kind.",
      problems: [{ field: "nodes.a.kind", detail: "No such kind.", node_ids: [] }],
    });
  });

  it.each([408, 429, 500, 503])("%i is not a refusal: the save is tried again", async (status) => {
    answers(status, { code: "x", detail: "later" });
    expect(await putGraphOf("w")(3, GRAPH)).toEqual({ type: "unreachable", reason: "Later." });
  });
});
