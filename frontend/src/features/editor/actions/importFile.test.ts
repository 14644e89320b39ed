// @vitest-environment jsdom
import { afterEach, describe, expect, it, vi } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { importText } from "./importFile";

/** A server that reads any text as this. */
function aServer(status: number, body: object) {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    sent.push(`${init.method} ${url} ${String(init.body)}`);
    return new Response(JSON.stringify(body), { status });
  });
  return sent;
}
const shop = {
  nodes: [aNode("a", "service", { name: "front" }), aNode("b", "deployment", { name: "back" })],
  edges: [{ id: "e", source: "a", target: "b", relation: "routes", parameters: {} }],
  problems: [],
  notes: [],
};

afterEach(() => void vi.unstubAllGlobals());

describe("importing what somebody has", () => {
  it("adds what the server read below the graph, in rows where it has no place, as one step of undo", async () => {
    const sent = aServer(200, shop);
    const session = aSession({ document: aGraph([aNode("web", "deployment")]) });
    expect(await importText(session, "kind: Service", "shop.yaml")).toBeNull();
    expect(sent).toEqual([`POST /api/v1/workflows/parse ${JSON.stringify({ content: "kind: Service" })}`]);
    const { nodes, edges } = session.document.getState().document;
    const added = Object.values(nodes).filter((node) => node.id !== "web");
    expect(added.map((node) => node.name)).toEqual(["front", "back"]);
    expect(added.every((node) => node.position.y > 64)).toBe(true);
    expect(new Set(added.map((node) => node.position.x)).size).toBe(2);
    expect(Object.keys(edges)).toHaveLength(1);
    expect(session.document.getState().undo()).toBe("import shop.yaml");
  });

  it("says what the server left out", async () => {
    aServer(200, { ...shop, notes: [{ detail: "the values of Secret keys were left out", node_ids: [] }] });
    expect(await importText(aSession(), "x", "x")).toBe("The values of Secret keys were left out.");
  });

  it("says why the server refused it, and changes nothing", async () => {
    aServer(400, { code: "file.unreadable", detail: "refused", errors: [{ code: "x", detail: "line 2 is not YAML" }] });
    const session = aSession();
    const before = session.document.getState().document;
    expect(await importText(session, "nodes: [", "x")).toBe("Line 2 is not YAML.");
    expect(session.document.getState().document).toBe(before);
  });
});
