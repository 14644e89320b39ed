import { describe, expect, it } from "vitest";
import { cardIdOf, comparedGraph, planGraph } from "./markedGraph";
import { CARD } from "./place";
import { EMPTY_DOCUMENT } from "./records";
import { aPlanObject as object, restarting } from "./testing/plans";
import { aGraph, aNode } from "./testing/samples";

const kindOf = ({ kind }: { kind: string }): string => kind.toLowerCase();
const at = (id: string, x: number, y: number) => ({ ...aNode(id, "configmap"), position: { x, y } });

describe("the graph of a plan", () => {
  it("marks each card with the gravest of what becomes of its objects, and counts the others", () => {
    const graph = aGraph([aNode("web", "deployment"), aNode("conf", "configmap")]);
    const { cards } = planGraph(
      graph,
      [object("account", "create", { node_id: "web" }), restarting("web", 2), object("conf", "unchanged")],
      EMPTY_DOCUMENT,
      kindOf,
    );
    expect(cards.get("web")).toEqual({ mark: "↻", tone: "warn", word: "restarts 2 pods +1", gone: false });
    expect(cards.get("conf")).toMatchObject({ word: "unchanged", tone: "idle" });
  });

  it("shows what goes where it was, with its lines; else below the others, over no other card", () => {
    const before = aGraph([at("conf", 0, 0), at("old", 400, 0)], [["conf", "old", "after"]]);
    const graph = aGraph([at("conf", 0, 0)]);
    const { document, cards, lines } = planGraph(
      graph,
      [
        object("old", "delete"),
        object("stray", "delete", { node_id: null }),
        object("data", "keep", { node_id: null }),
      ],
      before,
      kindOf,
    );
    expect(document.nodes["old"]?.position).toEqual({ x: 400, y: 0 });
    expect([...lines]).toEqual([["conf--old--after", "removed"]]);
    const stray = document.nodes[cardIdOf(object("stray", "delete", { node_id: null }))];
    expect(stray).toMatchObject({ name: "stray", kind: "configmap" });
    expect(stray?.position.y).toBeGreaterThanOrEqual(CARD.height);
    const places = Object.values(document.nodes).map(({ position }) => `${position.x} ${position.y}`);
    expect(new Set(places).size).toBe(4);
    expect([...cards.values()].filter((mark) => mark.gone)).toHaveLength(3);
  });

  it("gives a new object that no node stands for a card that is not called gone", () => {
    const namespace = object("shop", "create", {
      node_id: null,
      ref: { api_version: "v1", kind: "Namespace", namespace: null, name: "shop" },
    });
    const { cards } = planGraph(aGraph([at("conf", 0, 0)]), [namespace], EMPTY_DOCUMENT, kindOf);
    expect(cards.get(cardIdOf(namespace))).toMatchObject({ word: "create", gone: false });
  });

  it("leaves the objects that nothing happens to, and no node stands for, to the list", () => {
    const graph = aGraph([at("conf", 0, 0)]);
    const { document } = planGraph(graph, [object("shop", "unchanged", { node_id: null })], EMPTY_DOCUMENT, kindOf);
    expect(Object.keys(document.nodes)).toEqual(["conf"]);
  });
});

describe("two graphs as one", () => {
  it("mark what was added, removed and changed, and leave the rest unmarked", () => {
    const from = aGraph([at("same", 0, 0), at("old", 300, 0), at("conf", 600, 0)], [["same", "old", "after"]]);
    const changed = { ...at("conf", 600, 200), parameters: { data: { A: "2" } } };
    const to = aGraph([at("same", 0, 0), changed, at("new", 0, 200)], [["same", "new", "after"]]);
    const { document, cards, lines } = comparedGraph(from, to);
    expect([...cards].map(([id, { word, gone }]) => `${id} ${word} ${gone}`).sort()).toEqual([
      "conf changed false",
      "new added false",
      "old removed true",
    ]);
    expect(Object.keys(document.nodes).sort()).toEqual(["conf", "new", "old", "same"]);
    expect([...lines].sort()).toEqual([
      ["same--new--after", "added"],
      ["same--old--after", "removed"],
    ]);
  });
});
