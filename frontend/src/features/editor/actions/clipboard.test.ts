import { describe, expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { copySelection, pasteText } from "./clipboard";

function aPair() {
  const graph = aGraph([aNode("svc", "service"), aNode("web", "deployment")], [["svc", "web", "routes"]]);
  return aSession({ document: graph });
}

describe("copy and paste", () => {
  it("copies nothing while no node is selected", () => {
    expect(copySelection(aPair())).toBeNull();
  });

  it("pastes the nodes with the lines between them, under new names, selected", () => {
    const session = aPair();
    session.view.getState().selectAll();
    const text = copySelection(session) ?? "";
    expect(pasteText(session, text, { x: 500, y: 500 })).toBe(true);
    const { nodes, edges } = session.document.getState().document;
    expect(Object.values(nodes).map((node) => node.name)).toEqual(["svc", "web", "svc-2", "web-2"]);
    expect(Object.keys(edges)).toHaveLength(2);
    expect(session.view.getState().selectedNodes).toHaveLength(2);
  });

  it("lays a second copy beside the first, not on top of it", () => {
    const session = aPair();
    session.view.getState().select(["web"]);
    const text = copySelection(session) ?? "";
    pasteText(session, text, { x: 500, y: 500 });
    pasteText(session, text, { x: 500, y: 500 });
    const places = Object.values(session.document.getState().document.nodes).map((node) =>
      JSON.stringify(node.position),
    );
    expect(new Set(places.slice(2)).size).toBe(2);
  });

  it("takes no text that is something else", () => {
    const session = aPair();
    const before = session.document.getState().document;
    expect(pasteText(session, "kind: Deployment", { x: 0, y: 0 })).toBe(false);
    expect(session.document.getState().document).toBe(before);
  });
});
