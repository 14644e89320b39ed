import { describe, expect, it } from "vitest";
import { cleanTitle, commonTitle, cornersOf, FRAME, framesOf, freeTitle, group, retitle, titleBeside } from "./groups";
import { applyEdit, startHistory, undo } from "./history";
import { mergeDocuments } from "./merge";
import { CARD } from "./place";
import { listsFromDocument, type GraphDocument } from "./records";
import { aGraph, aNode } from "./testing/samples";

const at = (name: string, x: number, y: number, title?: string) => ({
  ...aNode(name, "deployment"),
  position: { x, y },
  group: title,
});
const graph = (): GraphDocument =>
  aGraph([at("web", 0, 0, "front"), at("api", 300, 100, "front"), at("db", 900, 0, "back"), at("job", 0, 900)]);
const frames = (document: GraphDocument) => framesOf(Object.values(document.nodes), document.nodes);

describe("frames", () => {
  it("reach around the cards of one title, and no others", () => {
    expect(frames(graph())).toEqual([
      {
        title: "front",
        ids: ["web", "api"],
        x: -FRAME.side,
        y: -FRAME.top,
        width: 300 + CARD.width + 2 * FRAME.side,
        height: 100 + CARD.height + FRAME.top + FRAME.side,
      },
      {
        title: "back",
        ids: ["db"],
        x: 900 - FRAME.side,
        y: -FRAME.top,
        width: CARD.width + 2 * FRAME.side,
        height: CARD.height + FRAME.top + FRAME.side,
      },
    ]);
  });

  it("are seen whole where cards at their corners are", () => {
    const [front] = frames(graph());
    expect(cornersOf(front ? [front] : [])).toEqual([
      { x: -20, y: -40 },
      { x: 320, y: 120 },
    ]);
  });
});

describe("grouping", () => {
  it("names, renames and removes a frame, each as one step of undo", () => {
    const before = graph();
    let history = startHistory(before);
    history = applyEdit(history, group(before, ["db", "job"], " data "), 0);
    expect(commonTitle(history.document, ["db", "job"])).toBe("data");
    expect(commonTitle(history.document, ["db", "web"])).toBeNull();
    history = applyEdit(history, group(history.document, ["db", "job"], "store"), 10);
    history = undo(history);
    expect(history.document).toEqual(before);
    history = applyEdit(history, group(before, ["web", "api"], ""), 10_000);
    expect(frames(history.document).map(({ title }) => title)).toEqual(["back"]);
    expect(JSON.stringify(listsFromDocument(history.document))).not.toContain("front");
    expect(undo(history).document).toEqual(before);
  });

  it("finds a title that nobody has", () => {
    expect(freeTitle(graph())).toBe("Group 1");
    expect(freeTitle(aGraph([at("web", 0, 0, "Group 1"), at("api", 0, 0, "Group 3")]))).toBe("Group 2");
  });

  it("by somebody else is kept beside my edits, and asks nothing where both grouped", () => {
    const base = aGraph([at("web", 0, 0)]);
    const theirs = aGraph([at("web", 0, 0, "front")]);
    const moved = aGraph([at("web", 40, 0)]);
    const merged = mergeDocuments(base, moved, theirs);
    expect(merged.document.nodes.web).toMatchObject({ group: "front", position: { x: 40, y: 0 } });
    const both = mergeDocuments(base, aGraph([at("web", 0, 0, "mine")]), theirs);
    expect([both.document.nodes.web?.group, both.clashes]).toEqual(["mine", []]);
  });
});

describe("titles", () => {
  const titles = (document: GraphDocument) => Object.values(document.nodes).map((node) => node.group ?? "");
  const after = (ids: readonly string[], title: string) =>
    titles(applyEdit(startHistory(graph()), retitle(graph(), ids, title), 0).document);

  it("are given to the whole frame, whichever of its nodes is selected", () => {
    expect(after(["web"], "edge")).toEqual(["edge", "edge", "back", ""]);
  });

  it("of another frame take the selected nodes into that", () => {
    expect(after(["web"], "back")).toEqual(["back", "front", "back", ""]);
    expect(after(["web", "job"], "new")).toEqual(["new", "front", "back", "new"]);
    expect(after(["web"], " ")).toEqual(["", "front", "back", ""]);
  });

  it("are one line of what can be seen, as long as the server takes it", () => {
    expect(cleanTitle(" a\nb\u200b\tc ")).toBe("a b c");
    expect(cleanTitle(`${"x".repeat(59)} y`)).toBe("x".repeat(59));
  });

  it("have a number beside one that is drawn", () => {
    expect(titleBeside(new Set(["front", "front 2"]), "front")).toBe("front 3");
    expect(titleBeside(new Set(["x".repeat(60)]), "x".repeat(60))).toBe(`${"x".repeat(58)} 2`);
    expect(titleBeside(new Set(["back"]), "front")).toBe("front");
  });
});
