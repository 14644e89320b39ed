// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { aGraph, aNode } from "@/model/testing/samples";
import { aSession } from "../testing/session";
import { focusedElement, openFocused } from "./openFocused";

function anElement(className: string, id: string): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  element.dataset.id = id;
  element.append(document.createElement("span"));
  return element;
}

describe("Enter on the canvas", () => {
  it("finds the card or the line that has the focus, and nothing elsewhere", () => {
    const card = anElement("react-flow__node", "web");
    expect(focusedElement(card.firstElementChild)).toEqual({ type: "node", id: "web" });
    expect(focusedElement(anElement("react-flow__edge", "line"))).toEqual({ type: "edge", id: "line" });
    expect(focusedElement(document.body)).toBeNull();
  });

  it("selects first, and goes on into the form when pressed again", async () => {
    const session = aSession({ document: aGraph([aNode("web", "deployment")]) });
    const give = vi.spyOn(session.focus, "give");
    const card = anElement("react-flow__node", "web");
    openFocused(session, card);
    expect(session.view.getState().selectedNodes).toEqual(["web"]);
    expect(give).not.toHaveBeenCalled();
    openFocused(session, card);
    await vi.waitFor(() => expect(give).toHaveBeenCalledWith("inspector"));
  });
});
