import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "@/model/checks";
import { aGraph, aNode } from "@/model/testing/samples";
import type { Flow } from "../state/flow";
import { aSession } from "../testing/session";
import { showProblem, subjectOf } from "./showing";

function aProblem(part: Partial<Problem>): Problem {
  return { code: "x", detail: "x", severity: "error", field: null, node_ids: [], edge_ids: [], ...part };
}

describe("what a problem is about", () => {
  it.each([
    [
      "its field's node",
      { field: "nodes.web.parameters.ports[0].port", node_ids: ["web", "svc"] },
      "web",
      "",
      "parameters.ports.0.port",
    ],
    ["its field's edge", { field: "edges.e1.parameters.path", node_ids: ["web"] }, "", "e1", "parameters.path"],
    ["the nodes it names", { node_ids: ["web", "svc"], edge_ids: ["e1"] }, "web svc", "", null],
    ["else its edges", { edge_ids: ["e1"] }, "", "e1", null],
    ["nothing", {}, "", "", null],
  ])("%s", (_what, part, nodes, edges, field) => {
    const subject = subjectOf(aProblem(part));
    expect([subject.nodeIds.join(" "), subject.edgeIds.join(" "), subject.field]).toEqual([nodes, edges, field]);
  });
});

describe("showing a problem", () => {
  beforeEach(() => void vi.stubGlobal("window", { matchMedia: () => ({ matches: true }) }));
  afterEach(() => void vi.unstubAllGlobals());
  const flow = {
    screen: () => ({ width: 0, height: 0, covered: 0, coveredBelow: 0 }),
    getZoom: () => 1,
  } as unknown as Flow;

  it("selects its node, opens the tab of its field and asks for the focus", () => {
    const session = aSession({ document: aGraph([aNode("web", "deployment")]) });
    showProblem(session, aProblem({ field: "nodes.web.parameters.image" }), flow);
    const { selectedNodes, tab, focusField } = session.view.getState();
    expect([selectedNodes, tab, focusField?.path]).toEqual([["web"], "form", "parameters.image"]);
    showProblem(session, aProblem({ field: "nodes.web.patch" }), flow);
    expect(session.view.getState().tab).toBe("yaml");
  });

  it("asks for nothing any more once something else is selected", () => {
    const session = aSession({ document: aGraph([aNode("web", "deployment"), aNode("api", "deployment")]) });
    showProblem(session, aProblem({ field: "nodes.web.parameters.image" }), flow);
    session.view.getState().select(["api"]);
    expect(session.view.getState().focusField).toBeNull();
  });
});
