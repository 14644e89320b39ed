import { describe, expect, it } from "vitest";
import { copyFragment, duplicateFragment } from "./clipboard";
import {
  addNode,
  connect,
  layout,
  makeEdge,
  makeNode,
  move,
  paste,
  remove,
  rename,
  setParameter,
  setPatch,
} from "./edits";
import { applyEdit, MERGE_MS, redo, sealStep, startHistory, undo, type Edit, type History } from "./history";
import { judgeConnection } from "./connect";
import {
  applyDiff,
  composeDiffs,
  diffDocuments,
  documentFromLists,
  EMPTY_DOCUMENT,
  invertDiff,
  listsFromDocument,
  type GraphDocument,
} from "./records";
import { aGraph, aNode, pick, randomJson, sampleCatalog, seeded } from "./testing/samples";

/** A random edit that a person could make in this document. */
function randomEdit(document: GraphDocument, random: () => number): Edit {
  const nodeIds = Object.keys(document.nodes);
  const some = (): string[] => nodeIds.filter(() => random() < 0.3);
  const one = (): string => pick(random, nodeIds);
  const place = () => ({ x: Math.floor(random() * 2000), y: Math.floor(random() * 2000) });
  if (nodeIds.length < 2) return addNode(makeNode(document, pick(random, sampleCatalog.kinds), place(), random));
  switch (Math.floor(random() * 11)) {
    case 0:
    case 1:
      return addNode(makeNode(document, pick(random, sampleCatalog.kinds), place(), random));
    case 2:
      return move(
        document,
        Object.fromEntries(some().map((id) => [id, place()])),
        random() < 0.5 ? "nudge" : undefined,
      );
    case 3:
    case 4: {
      const judged = judgeConnection(sampleCatalog, document, one(), one());
      if (judged.type === "refused") return layout(document, { [one()]: place() });
      const { source, target, relation } = pick(random, judged.connections);
      return connect(makeEdge(document, relation, source, target, random));
    }
    case 5:
      return remove(
        document,
        some(),
        Object.keys(document.edges).filter(() => random() < 0.2),
      );
    case 6:
      return rename(document, one(), pick(random, ["web", "api", "db", ""]));
    case 7:
      return setParameter(
        document,
        { type: "node", id: one() },
        pick(random, [["image"], ["ports", 0, "port"], ["data", "k"], ["replicas"]]),
        random() < 0.2 ? undefined : randomJson(random),
      );
    case 8:
      return setPatch(document, one(), pick(random, [null, "spec: {}", "  "]));
    case 9:
      return paste(document, sampleCatalog, copyFragment(document, some()), place(), random).edit;
    default:
      return paste(document, sampleCatalog, duplicateFragment(document, some()), place(), random).edit;
  }
}

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

describe("undo and redo over random edits", () => {
  it.each(seeds)(
    "every edit is undone exactly, and n undos lead back to the start and n redos to the end (seed %i)",
    (seed) => {
      const random = seeded(seed);
      const start = aGraph(
        [aNode("web", "deployment"), aNode("front", "service"), aNode("conf", "configmap")],
        [["front", "web", "routes"]],
      );
      let history = startHistory(start);
      const documents: GraphDocument[] = [start];
      for (let n = 0; n < 40; n += 1) {
        const edit = randomEdit(history.document, random);
        // Far enough apart in time that nothing merges.
        const after = applyEdit(history, edit, n * (MERGE_MS + 1));
        if (after === history) continue;
        expect(undo(after).document).toEqual(history.document);
        expect(redo(undo(after)).document).toEqual(after.document);
        history = after;
        documents.push(after.document);
      }
      for (let index = documents.length - 2; index >= 0; index -= 1) {
        history = undo(history);
        expect(history.document).toEqual(documents[index]);
      }
      expect(history.document).toEqual(start);
      expect(undo(history)).toBe(history);
      for (let index = 1; index < documents.length; index += 1) {
        history = redo(history);
        expect(history.document).toEqual(documents[index]);
      }
      expect(redo(history)).toBe(history);
    },
  );

  it.each(seeds)("merged edits are undone together, to the same start (seed %i)", (seed) => {
    const random = seeded(seed * 7919);
    let history = startHistory(aGraph([aNode("web", "deployment"), aNode("api", "deployment")]));
    const start = history.document;
    for (let n = 0; n < 30; n += 1) history = applyEdit(history, randomEdit(history.document, random), n);
    const end = history.document;
    let steps = 0;
    for (; history.past.length > 0; steps += 1) history = undo(history);
    expect(history.document).toEqual(start);
    for (; steps > 0; steps -= 1) history = redo(history);
    expect(history.document).toEqual(end);
  });

  it.each(seeds)("no edge ever ends on a node that is not there (seed %i)", (seed) => {
    const random = seeded(seed * 104729);
    let history: History = startHistory(EMPTY_DOCUMENT);
    for (let n = 0; n < 60; n += 1) {
      const roll = random();
      history =
        roll < 0.2
          ? undo(history)
          : roll < 0.3
            ? redo(history)
            : applyEdit(history, randomEdit(history.document, random), n * 5000);
      for (const edge of Object.values(history.document.edges)) {
        expect(history.document.nodes[edge.source]).toBeDefined();
        expect(history.document.nodes[edge.target]).toBeDefined();
      }
    }
  });

  it.each(seeds)(
    "the difference of two documents leads from one to the other and back, alone and composed (seed %i)",
    (seed) => {
      const random = seeded(seed * 31);
      let document: GraphDocument = aGraph([aNode("web", "deployment"), aNode("api", "service")]);
      const path = [document];
      for (let n = 0; n < 12; n += 1) {
        document = applyDiff(document, randomEdit(document, random).diff);
        path.push(document);
      }
      const [first, middle, last] = [path[0], path[6], path[12]] as [GraphDocument, GraphDocument, GraphDocument];
      const forward = diffDocuments(first, last);
      expect(applyDiff(first, forward)).toEqual(last);
      expect(applyDiff(last, invertDiff(forward))).toEqual(first);
      expect(applyDiff(first, composeDiffs(diffDocuments(first, middle), diffDocuments(middle, last)))).toEqual(last);
    },
  );

  it.each(seeds.slice(0, 20))("saving and loading again gives the same document (seed %i)", (seed) => {
    const random = seeded(seed * 17);
    let document: GraphDocument = EMPTY_DOCUMENT;
    for (let n = 0; n < 25; n += 1) document = applyDiff(document, randomEdit(document, random).diff);
    const wire = JSON.parse(JSON.stringify(listsFromDocument(document))) as ReturnType<typeof listsFromDocument>;
    expect(documentFromLists(wire)).toEqual(document);
  });
});

describe("steps", () => {
  const web = aNode("web", "deployment");

  it("typing into one field is one step", () => {
    let history = startHistory(aGraph([web]));
    ["n", "ng", "ngi", "nginx"].forEach((text, index) => {
      history = applyEdit(
        history,
        setParameter(history.document, { type: "node", id: "web" }, ["image"], text),
        index * 200,
      );
    });
    expect(history.past).toHaveLength(1);
    expect(undo(history).document.nodes.web?.parameters).toEqual({});
  });

  it("typing into another field, or after a pause, or after leaving the field, is a step of its own", () => {
    const type = (history: History, name: string, text: string, at: number): History =>
      applyEdit(history, setParameter(history.document, { type: "node", id: "web" }, [name], text), at);
    let history = type(startHistory(aGraph([web])), "image", "a", 0);
    history = type(history, "tag", "b", 10);
    expect(history.past).toHaveLength(2);
    history = type(history, "tag", "bc", 10 + MERGE_MS + 1);
    expect(history.past).toHaveLength(3);
    history = type(sealStep(history), "tag", "bcd", 20 + MERGE_MS + 1);
    expect(history.past).toHaveLength(4);
  });

  it("typing something and back again leaves nothing to undo", () => {
    let history = startHistory(aGraph([web]));
    history = applyEdit(history, rename(history.document, "web", "webb"), 0);
    history = applyEdit(history, rename(history.document, "web", "web"), 100);
    expect(history.past).toEqual([]);
  });

  it("a new edit after undo takes the redo steps away", () => {
    let history = applyEdit(startHistory(aGraph([web])), rename(aGraph([web]), "web", "a"), 0);
    history = undo(history);
    history = applyEdit(history, rename(history.document, "web", "b"), 10);
    expect(history.future).toEqual([]);
    expect(redo(history)).toBe(history);
  });

  it("an edit that changes nothing is not a step", () => {
    const history = startHistory(aGraph([web]));
    expect(applyEdit(history, move(history.document, { web: { x: 0, y: 0 } }), 0)).toBe(history);
    expect(applyEdit(history, setParameter(history.document, { type: "node", id: "gone" }, ["image"], "x"), 0)).toBe(
      history,
    );
  });
});
