import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aGraph, aNode, aRecipe } from "@/model/testing/samples";
import type { Flow } from "../state/flow";
import { aSession } from "../testing/session";
import { addRecipe } from "./recipes";

const setViewport = vi.fn();
const flow = {
  viewCentre: () => ({ x: 1000, y: 500 }),
  getViewport: () => ({ x: 0, y: 0, zoom: 1 }),
  getZoom: () => 1,
  screen: () => ({ width: 2000, height: 1000, covered: 0, coveredBelow: 0 }),
  setViewport,
} as unknown as Flow;

function aShop() {
  const session = aSession({ document: aGraph([aNode("svc", "service", { name: "web" })]) });
  const graph = () => session.document.getState().document;
  return { session, graph, added: () => session.view.getState().selectedNodes.map((id) => graph().nodes[id]) };
}

describe("adding a recipe", () => {
  beforeEach(() => {
    vi.stubGlobal("requestAnimationFrame", (work: () => void) => work());
    vi.stubGlobal("window", { matchMedia: () => ({ matches: true }) });
  });
  afterEach(() => {
    setViewport.mockReset();
    vi.unstubAllGlobals();
  });

  it("is one step of undo, which says what it was", () => {
    const { session, graph } = aShop();
    const before = graph();
    addRecipe(session, aRecipe, flow);
    expect(Object.keys(graph().nodes)).toHaveLength(3);
    expect(Object.values(graph().edges)).toHaveLength(1);
    const { undo, history } = session.document.getState();
    expect(history.past.at(-1)?.label).toBe("add Web app");
    undo();
    expect(graph()).toEqual(before);
  });

  it("puts it around the place that is meant, joined and under free names, and selects it", () => {
    const { session, graph, added } = aShop();
    addRecipe(session, aRecipe, flow, { x: 1000, y: 232 });
    expect(added().map((node) => [node?.kind, node?.name])).toEqual([
      ["service", "web-2"],
      ["deployment", "web-2"],
    ]);
    expect(added().map((node) => node?.position)).toEqual([
      { x: 760, y: 200 },
      { x: 1040, y: 200 },
    ]);
    const [edge] = Object.values(graph().edges);
    expect([edge?.source, edge?.target]).toEqual(session.view.getState().selectedNodes);
    expect(setViewport).not.toHaveBeenCalled();
  });

  it("covers no card that is there", () => {
    const { session, added } = aShop();
    addRecipe(session, aRecipe, flow, { x: 250, y: 32 });
    for (const node of added()) {
      const { x = 0, y = 0 } = node?.position ?? {};
      expect(Math.abs(x) >= 220 || Math.abs(y) >= 64).toBe(true);
    }
  });

  it("has all of it in view where some would be out of sight", () => {
    const { session } = aShop();
    addRecipe(session, aRecipe, flow, { x: 2000, y: 500 });
    expect(setViewport).toHaveBeenCalledOnce();
  });

  it("shows the whole of it, and selects nothing, where it is the first", () => {
    const session = aSession();
    addRecipe(session, aRecipe, flow);
    expect(session.view.getState().selectedNodes).toEqual([]);
    expect(setViewport).toHaveBeenCalledOnce();
  });
});
