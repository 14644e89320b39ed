// @vitest-environment jsdom
import { act, render } from "@testing-library/react";
import type { NodeProps } from "@xyflow/react";
import { Profiler } from "react";
import { describe, expect, it } from "vitest";
import type { NodeStatus } from "@/contract";
import { move, rename, setParameter } from "@/model/edits";
import { aGraph, aNode } from "@/model/testing/samples";
import type { FlowNode } from "../state/flowElements";
import { Follow, followedTopics } from "../testing/live";
import { aSession, InSession } from "../testing/session";
import { ResourceNode } from "./ResourceNode";

const COUNT = 500;

function status(nodeId: string, rev: number): NodeStatus {
  return {
    node_id: nodeId,
    health: "healthy",
    reason: "",
    facts: { ready: 1, desired: 1 },
    objects: [],
    evidence: [],
    resource_version: "1",
    observed_at: "2030-01-01T00:00:00Z",
    stale_since: null,
    stale_reason: null,
    drifted: false,
    rev,
  };
}

function aCanvasOf500() {
  const ids = Array.from({ length: COUNT }, (_, index) => `n${index}`);
  const start = aGraph(ids.map((id) => aNode(id, "deployment", { parameters: { image: "nginx" } })));
  const session = aSession({ document: start });
  const painted: string[] = [];
  const screen = render(
    <InSession session={session}>
      <Follow topic="environment:e" />
      {ids.map((id) => (
        <Profiler key={id} id={id} onRender={() => painted.push(id)}>
          <ResourceNode {...({ id, selected: false } as NodeProps<FlowNode>)} />
        </Profiler>
      ))}
    </InSession>,
  );
  return { document: session.document, painted, screen };
}

describe("500 nodes on the canvas", { timeout: 60_000 }, () => {
  it("a status event repaints one node, an edit one, a move none, and no status enters the document", async () => {
    const live = followedTopics();
    const { document, painted, screen } = aCanvasOf500();
    expect(new Set(painted).size).toBe(COUNT);
    const drawn = document.getState().document;
    const paintedBy = (change: () => void): string[] => {
      painted.length = 0;
      act(change);
      return [...new Set(painted)];
    };
    expect(paintedBy(() => live.say("environment:e", { "node:n7": status("n7", 1) }))).toEqual(["n7"]);
    expect(screen.container.querySelector('[data-node="n7"]')?.getAttribute("data-health")).toBe("healthy");
    expect(paintedBy(() => live.say("environment:e", { "node:n7": status("n7", 1) }))).toEqual([]);
    const spoken = (): string => screen.container.querySelector('[data-node="n7"] > .sr-only')?.textContent ?? "";
    expect(spoken()).toBe("n7, Deployment, healthy");
    const stale = { ...status("n7", 2), stale_since: "2030-01-01T00:00:00Z", stale_reason: "not shared any more" };
    act(() => live.say("environment:e", { "node:n7": stale }));
    expect(spoken(), "what is old is not said to be so now").toBe("n7, Deployment, healthy, stale");
    expect(document.getState().document).toBe(drawn);
    const { apply } = document.getState();
    expect(paintedBy(() => apply(rename(document.getState().document, "n9", "renamed")))).toEqual(["n9"]);
    expect(
      paintedBy(() =>
        apply(setParameter(document.getState().document, { type: "node", id: "n3" }, ["image"], "redis")),
      ),
    ).toEqual(["n3"]);
    expect(
      paintedBy(() => apply(move(document.getState().document, { n4: { x: 40, y: 40 } }))).length,
    ).toBeLessThanOrEqual(1);
    live.end();
  });
});
