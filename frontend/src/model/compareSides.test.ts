import { describe, expect, it } from "vitest";
import { compareGraphs, comparePlans, compareWithLive, parseSides, sidesText } from "./compareSides";
import { EMPTY_DOCUMENT } from "./records";
import { aPlanObject as object, restarting } from "./testing/plans";
import { aGraph, aNode } from "./testing/samples";

const kindOf = ({ kind }: { kind: string }): string => kind.toLowerCase();
const said = ({ differences }: ReturnType<typeof compareGraphs>): string[] =>
  differences.map(({ name, change }) => `${name} ${change}`);

describe("a link to a comparison", () => {
  it.each(["v3..v5", "live..current", "plan:6b06dc39..plan:6b06dc40", "v1..live"])("%s names two sides", (text) => {
    const sides = parseSides(text);
    expect(sides && sidesText(...sides)).toBe(text);
  });

  it.each(["", "v3", "v3..", "v0..v1", "v3..v4..v5", "plan:..v1", "v3..nothing", "v99999999999..v1"])(
    "%j names none",
    (text) => expect(parseSides(text)).toBeNull(),
  );
});

describe("two graphs", () => {
  it("are compared node by node and line by line", () => {
    const from = aGraph([aNode("a", "configmap"), aNode("b", "configmap")], [["a", "b", "after"]]);
    const to = aGraph([{ ...aNode("a", "configmap"), parameters: { data: { A: "1" } } }]);
    const compared = compareGraphs(from, to);
    expect(said(compared)).toEqual(["b removed", "a modified", "a → b removed"]);
    expect(compared.differences[1]?.fields).toEqual([{ path: "data", from: undefined, to: { A: "1" } }]);
  });
});

describe("the cluster and a graph", () => {
  const graph = aGraph([aNode("web", "deployment"), aNode("new", "configmap"), aNode("same", "configmap")]);
  const objects = [
    restarting("web", 1),
    object("new", "create"),
    object("same", "unchanged"),
    object("old", "delete"),
    object("data", "keep"),
  ];

  it("differ by what a plan of the graph would do", () => {
    const compared = compareWithLive(graph, objects, EMPTY_DOCUMENT, kindOf, true);
    expect(said(compared).sort()).toEqual(["data removed", "new added", "old removed", "web modified"]);
    const web = compared.differences.find(({ name }) => name === "web");
    expect(web?.fields).toEqual([{ path: "spec.template.spec.containers[0].image", from: "a:1", to: "a:2" }]);
    expect(compared.marked.cards.has("same")).toBe(false);
  });

  it("differ the other way round when the sides are swapped", () => {
    const compared = compareWithLive(graph, objects, EMPTY_DOCUMENT, kindOf, false);
    expect(said(compared).sort()).toEqual(["data added", "new removed", "old added", "web modified"]);
    const web = compared.differences.find(({ name }) => name === "web");
    expect(web?.fields).toMatchObject([{ from: "a:2", to: "a:1" }]);
  });
});

describe("what runs leave alone", () => {
  const schedule = { path: "spec.schedule", workflow: "0 3 * * *", live: "0 5 * * *", manager: "kubectl-patch" };
  const left = { ...schedule, name: "kubectl patch", ends: false };
  const extra = { path: "data.EXTRA", manager: "kubectl-patch", name: "kubectl patch" };
  const objects = [
    object("backup", "unchanged", { yielded: [left] }),
    object("settings", "unchanged", { added: { count: 1, fields: [extra] } }),
    object("as-drawn", "unchanged", { yielded: [{ ...left, live: "0 3 * * *" }] }),
    object("new", "create", { yielded: [{ ...left, live: null, ends: true }] }),
  ];

  it("is a difference of its own, and no change", () => {
    const compared = compareWithLive(aGraph([]), objects, EMPTY_DOCUMENT, kindOf, true);
    expect(said(compared)).toEqual(["new added", "backup left", "settings left"]);
    expect(compared.differences.map(({ stays }) => stays?.yielded.length ?? 0)).toEqual([1, 1, 0]);
  });
});

describe("two plans", () => {
  it("differ by the objects of which they say something else", () => {
    const graph = aGraph([aNode("web", "deployment"), aNode("conf", "configmap")]);
    const first = [restarting("web", 1), object("conf", "create"), object("old", "delete")];
    const second = [restarting("web", 1), object("conf", "conflict"), object("more", "create")];
    const { differences } = comparePlans(graph, first, second, kindOf);
    expect(differences.map(({ name, change }) => `${name} ${change}`)).toEqual([
      "conf modified",
      "more added",
      "old removed",
    ]);
    expect(differences[0]?.fields).toEqual([{ path: "effect", from: "create", to: "conflict" }]);
  });

  it("of the same state of the cluster do not differ", () => {
    const objects = [restarting("web", 1), object("conf", "create")];
    expect(comparePlans(EMPTY_DOCUMENT, objects, structuredClone(objects), kindOf).differences).toEqual([]);
  });
});
