import { describe, expect, it } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { isEnabled, labelOf } from "@/ui";
import type { Flow } from "../state/flow";
import { aSession } from "../testing/session";
import { editorCommands } from "./editorCommands";

const flow = { viewCentre: () => ({ x: 0, y: 0 }) } as unknown as Flow;
const pressed = (key: string, shiftKey = false) => ({ key, shiftKey }) as KeyboardEvent;

function aCanvas(options: { readOnly?: boolean } = {}) {
  const graph = aGraph([aNode("web", "deployment"), aNode("svc", "service")], [["svc", "web", "routes"]]);
  const session = aSession({ document: graph, ...options });
  return { session, commands: editorCommands(session, flow), view: session.view.getState() };
}

describe("the commands of the editor", () => {
  it("have names of their own", () => {
    const names = Object.values(aCanvas().commands).map((command) => command.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("say what they would delete, and cannot be done while nothing is selected", () => {
    const { commands, view } = aCanvas();
    expect([isEnabled(commands.remove), isEnabled(commands.duplicate), isEnabled(commands.connect)]).toEqual([
      false,
      false,
      false,
    ]);
    view.select(["web"]);
    expect(labelOf(commands.remove)).toBe("Delete");
    expect(isEnabled(commands.connect)).toBe(true);
    view.select(["web", "svc"]);
    expect(labelOf(commands.remove)).toBe("Delete 2 nodes");
    expect(isEnabled(commands.connect)).toBe(false);
    view.select([], ["svc--web--routes"]);
    expect(labelOf(commands.remove)).toBe("Delete connection");
  });

  it("name the step that undo takes back, and offer redo after it", () => {
    const { session, commands, view } = aCanvas();
    expect(isEnabled(commands.undo)).toBe(false);
    view.select(["web"]);
    commands.remove.perform();
    expect(labelOf(commands.undo)).toBe("Undo delete web");
    commands.undo.perform();
    expect(session.document.getState().document.nodes.web).toBeDefined();
    expect(labelOf(commands.redo)).toBe("Redo delete web");
  });

  it("move the selection one step an arrow, five with Shift", () => {
    const { session, commands, view } = aCanvas();
    view.select(["web"]);
    commands.nudge.perform(pressed("ArrowRight"));
    commands.nudge.perform(pressed("ArrowDown", true));
    expect(session.document.getState().document.nodes.web?.position).toEqual({ x: 20, y: 100 });
  });

  it("change nothing for a viewer, who may still look around and copy", () => {
    const { commands, view } = aCanvas({ readOnly: true });
    view.selectAll();
    const possible = Object.values(commands)
      .filter(isEnabled)
      .map((command) => command.name);
    expect(possible).toEqual(
      expect.arrayContaining(["selection.copy", "selection.all", "selection.clear", "view.fit", "view.outline"]),
    );
    expect(
      possible.filter((name) =>
        /undo|redo|save|cut|paste|duplicate|delete|connect|nudge|layout|kind\.find|node\.add/.test(name),
      ),
    ).toEqual([]);
  });
});
