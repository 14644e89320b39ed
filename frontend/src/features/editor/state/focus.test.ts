// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { createFocus } from "./focus";

beforeEach(() => {
  document.body.replaceChildren();
  Element.prototype.scrollIntoView = vi.fn();
});

function onPage(html: string): HTMLElement {
  const element = document.createElement("div");
  element.innerHTML = html;
  document.body.append(element);
  return element;
}

describe("the focus of the editor", () => {
  it("goes to the element of a target, or to the first control inside", () => {
    const focus = createFocus();
    const box = onPage("<p>Image</p><input id='image'><button></button>");
    const pane = onPage("<input>");
    pane.tabIndex = -1;
    focus.register("field:parameters.image", box);
    focus.register("canvas", pane);
    expect(focus.give("field:parameters.image")).toBe(true);
    expect(document.activeElement?.id).toBe("image");
    focus.give("canvas");
    expect(document.activeElement).toBe(pane);
  });

  it("is told when a target is not on the page, or is no more", () => {
    const focus = createFocus();
    expect(focus.give("palette")).toBe(false);
    const gone = focus.register("palette", onPage("<input>"));
    expect(focus.has("palette")).toBe(true);
    gone();
    expect(focus.has("palette")).toBe(false);
  });

  it("keeps the newer of two elements when the older goes later", () => {
    const focus = createFocus();
    const older = focus.register("inspector", onPage("<input id='older'>"));
    focus.register("inspector", onPage("<input id='newer'>"));
    older();
    focus.give("inspector");
    expect(document.activeElement?.id).toBe("newer");
  });

  it("goes to the nearest field around the one that was asked for", () => {
    const focus = createFocus();
    const ports = onPage("<button id='fold'></button>");
    focus.register("field:parameters.ports", ports);
    expect(focus.giveField("parameters.ports.0.port")).toBe(true);
    expect(document.activeElement?.id).toBe("fold");
    expect(ports.scrollIntoView).toHaveBeenCalled();
    expect(focus.giveField("patch")).toBe(false);
  });

  it("knows what lies inside a target", () => {
    const focus = createFocus();
    const pane = onPage("<button></button>");
    focus.register("canvas", pane);
    expect(focus.contains("canvas", pane.firstElementChild)).toBe(true);
    expect(focus.contains("canvas", document.body)).toBe(false);
    expect(focus.contains("palette", pane)).toBe(false);
  });
});
