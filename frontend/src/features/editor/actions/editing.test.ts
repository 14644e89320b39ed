import { describe, expect, it } from "vitest";
import { aGraph, aNode, aParameter, aRelation } from "@/model/testing/samples";
import type { Flow } from "../state/flow";
import { aSession } from "../testing/session";
import {
  addNodeAt,
  addNodeInView,
  changeRelation,
  connectNodes,
  deleteEdge,
  deleteSelection,
  drawConnection,
  duplicateSelection,
  nudgeSelection,
} from "./editing";

const HERE = { x: 10, y: 10 };

function aShop() {
  const nodes = [
    aNode("way", "ingress"),
    aNode("svc", "service", { position: { x: 300, y: 0 } }),
    aNode("web", "deployment", { position: { x: 600, y: 0 } }),
    aNode("conf", "configmap", { position: { x: 300, y: 200 } }),
  ];
  const session = aSession({ document: aGraph(nodes, [["svc", "web", "routes"]]) });
  const graph = () => session.document.getState().document;
  return { session, graph, view: session.view.getState, edges: () => Object.values(graph().edges) };
}

describe("adding a node", () => {
  it("puts it on the grid, selects it and opens its form", () => {
    const { session, graph, view } = aShop();
    const kind = session.catalog.kindById.get("service")!;
    session.view.setState({ tab: "yaml" });
    addNodeAt(session, kind, { x: 101, y: 99 });
    const [id] = view().selectedNodes;
    expect(graph().nodes[id ?? ""]).toMatchObject({ kind: "service", position: { x: 100, y: 100 } });
    expect(view().tab).toBe("form");
  });

  it("finds a free place near the middle of the view", () => {
    const { session, graph, view } = aShop();
    addNodeInView(session, session.catalog.kindById.get("service")!, {
      viewCentre: () => ({ x: 110, y: 32 }),
    } as Flow);
    const place = graph().nodes[view().selectedNodes[0] ?? ""]?.position;
    expect(place).not.toEqual({ x: 0, y: 0 });
  });
});

describe("connecting two nodes", () => {
  it("draws the one relation that fits, and opens no form of settings that have a default", () => {
    const { session, edges, view } = aShop();
    connectNodes(session, "way", "svc", HERE);
    expect(edges().map((edge) => edge.relation)).toContain("exposes");
    expect(view().selectedEdges).toEqual([]);
  });

  it("selects a line that has something to fill in, so that its form opens", () => {
    const { session, view } = aShop();
    const relation = aRelation(
      "mounts",
      ["configmap"],
      ["deployment"],
      [aParameter("path", "string", { required: true })],
    );
    drawConnection(session, { source: "conf", target: "web", relation });
    expect(view().selectedEdges).toHaveLength(1);
  });

  it("asks which where several fit", () => {
    const { session, edges, view } = aShop();
    connectNodes(session, "conf", "web", HERE);
    expect(edges()).toHaveLength(1);
    expect(view().relationMenu?.connections.map(({ relation }) => relation.id)).toEqual(
      expect.arrayContaining(["mounts", "env"]),
    );
  });

  it("says why where none fits", () => {
    const { session, edges, view } = aShop();
    connectNodes(session, "svc", "svc", HERE);
    expect(edges()).toHaveLength(1);
    expect(view().refusal).toMatchObject({ at: HERE, why: expect.any(String) });
  });

  it("changes the relation of a line in one step of undo", () => {
    const { session, edges, view } = aShop();
    const [line] = edges();
    changeRelation(session, line!, session.catalog.relationById.get("after")!);
    expect(edges().map((edge) => edge.relation)).toEqual(["after"]);
    expect(view().selectedEdges).toEqual([edges()[0]?.id]);
    session.document.getState().undo();
    expect(edges()).toEqual([line]);
  });
});

describe("changing what is selected", () => {
  it("deletes nodes with their lines, and lines alone", () => {
    const { session, graph, edges, view } = aShop();
    deleteEdge(session, edges()[0]!.id);
    expect(edges()).toEqual([]);
    session.document.getState().undo();
    view().select(["web"]);
    deleteSelection(session);
    expect(graph().nodes.web).toBeUndefined();
    expect(edges()).toEqual([]);
  });

  it("duplicates nodes with their connections and selects the copies", () => {
    const { session, graph, edges, view } = aShop();
    view().select(["web"]);
    duplicateSelection(session);
    const [copy] = view().selectedNodes;
    expect(graph().nodes[copy ?? ""]?.name).toBe("web-2");
    expect(edges().map((edge) => [edge.source, edge.target])).toContainEqual(["svc", copy]);
  });

  it("takes back a row of nudges in one step", () => {
    const { session, graph, view } = aShop();
    view().select(["web"]);
    nudgeSelection(session, 20, 0);
    nudgeSelection(session, 20, 0);
    expect(graph().nodes.web?.position.x).toBe(640);
    session.document.getState().undo();
    expect(graph().nodes.web?.position.x).toBe(600);
  });
});
