import { describe, expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { importFile } from "./importFile";

const file = (text: string) => new File([text], "shop.yaml");
const shop = `
nodes:
  - {id: a, kind: service, name: front}
  - {id: b, kind: deployment, name: back}
edges:
  - {source: a, target: b, relation: routes}
`;

describe("importing a workflow file", () => {
  it("adds its nodes and lines below those of the graph, in rows where they have no place", async () => {
    const session = aSession({ document: aGraph([aNode("web", "deployment")]) });
    expect(await importFile(session, file(shop))).toBeNull();
    const { nodes, edges } = session.document.getState().document;
    const added = Object.values(nodes).filter((node) => node.id !== "web");
    expect(added.map((node) => node.name)).toEqual(["front", "back"]);
    expect(added.every((node) => node.position.y > 64)).toBe(true);
    expect(new Set(added.map((node) => node.position.x)).size).toBe(2);
    expect(Object.keys(edges)).toHaveLength(1);
    expect(session.document.getState().undo()).toBe("import shop.yaml");
  });

  it("leaves out kinds that this server does not have, and names them", async () => {
    const session = aSession();
    const said = await importFile(session, file("nodes: [{id: a, kind: rocket}, {id: b, kind: service}]"));
    expect(said).toContain("rocket");
    expect(Object.values(session.document.getState().document.nodes).map((node) => node.kind)).toEqual(["service"]);
  });

  it.each([
    ["a manifest", "kind: Deployment\nmetadata: {name: web}", /Not a KubeOrch workflow file/],
    ["what is not YAML", "nodes: [", /not YAML/],
  ])("refuses %s, and changes nothing", async (_what, text, reason) => {
    const session = aSession();
    const before = session.document.getState().document;
    expect(await importFile(session, file(text))).toMatch(reason);
    expect(session.document.getState().document).toBe(before);
  });
});
