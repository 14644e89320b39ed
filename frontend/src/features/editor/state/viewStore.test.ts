import { describe, expect, it } from "vitest";
import { move, remove, rename } from "@/model/edits";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";

function aView() {
  const graph = aGraph([aNode("web", "deployment"), aNode("svc", "service")], [["svc", "web", "routes"]]);
  const session = aSession({ document: graph });
  const { apply } = session.document.getState();
  return { session, apply, graph: () => session.document.getState().document, view: session.view.getState };
}

describe("the view of a graph", () => {
  it("has a card for each node and a line for each edge, as the document has them", () => {
    const { apply, graph, view } = aView();
    expect([view().nodes.length, view().edges.length]).toEqual([2, 1]);
    apply(remove(graph(), ["svc"]));
    expect([view().nodes.map((node) => node.id), view().edges]).toEqual([["web"], []]);
  });

  it("moves a card only when its place changes, and names a line by its ends", () => {
    const { apply, graph, view } = aView();
    const [web, svc] = view().nodes;
    apply(move(graph(), { web: { x: 100, y: 0 } }));
    expect(view().nodes[0]).not.toBe(web);
    expect(view().nodes[1]).toBe(svc);
    const [line] = view().edges;
    apply(rename(graph(), "svc", "front"));
    expect(view().nodes[1]).toBe(svc);
    expect(view().edges[0]?.ariaLabel).toBe("front--web");
    expect(line?.ariaLabel).toBe("svc--web");
  });

  it("selects what it is told, and everything", () => {
    const { view } = aView();
    view().select(["web"], []);
    expect([view().selectedNodes, view().selectedEdges]).toEqual([["web"], []]);
    view().selectAll();
    expect([view().selectedNodes, view().selectedEdges]).toEqual([["web", "svc"], ["svc--web--routes"]]);
  });

  it("keeps the selection through edits, and lets go of what is deleted", () => {
    const { apply, graph, view } = aView();
    view().selectAll();
    apply(rename(graph(), "web", "app"));
    expect(view().selectedNodes).toEqual(["web", "svc"]);
    apply(remove(graph(), ["svc"]));
    expect([view().selectedNodes, view().selectedEdges]).toEqual([["web"], []]);
  });

  it("hands out the same list while the selection is the same", () => {
    const { view } = aView();
    view().select(["web"]);
    const before = view().selectedNodes;
    view().nodesChanged([{ id: "web", type: "position", position: { x: 1, y: 1 }, dragging: true }]);
    expect(view().selectedNodes).toBe(before);
  });

  it("is dragging until cards are dropped, also where a drag is broken off", () => {
    const { session, view } = aView();
    session.view.setState({ dragging: true });
    view().nodesChanged([{ id: "web", type: "position", position: { x: 20, y: 0 }, dragging: true }]);
    expect(view().dragging).toBe(true);
    view().nodesChanged([{ id: "web", type: "position", position: { x: 20, y: 0 }, dragging: false }]);
    expect(view().dragging).toBe(false);
  });
});
