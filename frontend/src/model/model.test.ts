import { describe, expect, it } from "vitest";
import {
  dueAt,
  holdsUnsaved,
  LONGEST_MS,
  nextSave,
  PAUSE_MS,
  startSaved,
  type SaveEvent,
  type SaveState,
} from "./autosave";
import { cardLine } from "./card";
import { indexCatalog } from "./catalog";
import { checkGraph, mergeProblems } from "./checks";
import { copyFragment, duplicateFragment, fragmentFromText, fragmentToText } from "./clipboard";
import { allowedTargets, judgeConnection } from "./connect";
import { makeDraft, recoverDraft } from "./draft";
import { paste, remove, setParameter } from "./edits";
import { edgeForm, errorsOf, fieldError, nodeForm } from "./form";
import { fuzzyFind } from "./fuzzy";
import { describeDiff } from "./graphDiff";
import { mergeDocuments } from "./merge";
import { freeName, nameProblem, newId } from "./names";
import { valueAt, withValueAt } from "./paths";
import { CARD, freeSpot } from "./place";
import { isQuantity, plainQuantity } from "./quantity";
import { applyDiff, documentFromLists } from "./records";
import { aGraph, aNode, aParameter, sampleCatalog, seeded } from "./testing/samples";

const shop = aGraph(
  [aNode("front", "ingress"), aNode("web", "service"), aNode("app", "deployment"), aNode("conf", "configmap")],
  [
    ["front", "web", "exposes"],
    ["web", "app", "routes"],
  ],
);

describe("connecting", () => {
  it("offers every relation of the pair, in the order of the catalog", () => {
    const judged = judgeConnection(sampleCatalog, shop, "conf", "app");
    expect(judged.type === "allowed" && judged.connections.map((row) => row.relation.id)).toEqual(["mounts", "env"]);
  });
  it("turns a line round when only the other direction has a row", () => {
    const judged = judgeConnection(sampleCatalog, shop, "app", "conf");
    expect(judged).toMatchObject({
      type: "allowed",
      connections: [
        { source: "conf", target: "app" },
        { source: "conf", target: "app" },
      ],
    });
  });
  it.each([
    ["web", "app", "already connected"],
    ["front", "app", "Ingress has no relation with Deployment"],
  ])("says why no reference leads from %s to %s, and offers the mere order", (from, to, why) => {
    expect(judgeConnection(sampleCatalog, shop, from, to)).toMatchObject({
      type: "order",
      why,
      connections: [{ relation: { id: "after" } }],
    });
  });
  it("a node is not connected with itself", () => {
    expect(judgeConnection(sampleCatalog, shop, "app", "app")).toEqual({ type: "refused", why: "same node" });
  });
  it("a relation that may stand once at its source is refused the second time", () => {
    const once = { ...sampleCatalog.relations[0]!, one_per: ["source"] };
    const catalog = indexCatalog({ ...sampleCatalog, relations: [once] });
    const graph = aGraph(
      [aNode("web", "service"), aNode("a", "deployment"), aNode("b", "deployment")],
      [["web", "a", "routes"]],
    );
    expect(judgeConnection(catalog, graph, "web", "b")).toEqual({ type: "refused", why: "web has one already" });
    expect([...allowedTargets(catalog, graph, "web")]).toEqual([]);
  });
  it("refuses to close a loop", () => {
    const chain = aGraph(
      [aNode("a", "deployment"), aNode("b", "deployment"), aNode("c", "deployment")],
      [
        ["a", "b", "waits"],
        ["b", "c", "waits"],
      ],
    );
    expect(judgeConnection(sampleCatalog, chain, "c", "a")).toEqual({ type: "refused", why: "would close a loop" });
    expect([...allowedTargets(sampleCatalog, chain, "c")]).toEqual([]);
    expect([...allowedTargets(sampleCatalog, chain, "a")]).toEqual(["c"]);
  });
  it("glows exactly where a drop is allowed", () => {
    for (const from of Object.keys(shop.nodes)) {
      const allowed = allowedTargets(sampleCatalog, shop, from);
      for (const to of Object.keys(shop.nodes)) {
        expect([from, to, allowed.has(to)]).toEqual([
          from,
          to,
          judgeConnection(sampleCatalog, shop, from, to).type === "allowed",
        ]);
      }
    }
  });
});

describe("checks", () => {
  it("a sound graph has no problems", () => expect(checkGraph(shop, sampleCatalog)).toEqual([]));
  it("two nodes of one kind with one name are a problem; of different kinds they are not", () => {
    const graph = aGraph([
      aNode("a", "service", { name: "web" }),
      aNode("b", "service", { name: "web" }),
      aNode("c", "deployment", { name: "web" }),
    ]);
    expect(checkGraph(graph, sampleCatalog)).toMatchObject([{ code: "graph.duplicate_name", node_ids: ["a", "b"] }]);
  });
  it("a loop names the nodes on it and not those behind it", () => {
    const nodes = ["a", "b", "c", "d", "e"].map((id) => aNode(id, "deployment"));
    const graph = aGraph(nodes, [
      ["e", "a", "waits"],
      ["a", "b", "waits"],
      ["b", "c", "waits"],
      ["c", "a", "waits"],
      ["c", "d", "waits"],
    ]);
    expect(checkGraph(graph, sampleCatalog)).toMatchObject([{ code: "graph.cycle", node_ids: ["a", "b", "c"] }]);
  });
  it("a wrong pair, a dangling edge and a double edge are found at once", () => {
    const graph = documentFromLists({
      nodes: Object.values(shop.nodes),
      edges: [
        { id: "e1", source: "front", target: "app", relation: "exposes", parameters: {} },
        { id: "e2", source: "web", target: "gone", relation: "routes", parameters: {} },
        { id: "e3", source: "web", target: "app", relation: "routes", parameters: {} },
        { id: "e4", source: "web", target: "app", relation: "routes", parameters: {} },
      ],
    });
    expect(
      checkGraph(graph, sampleCatalog)
        .map((problem) => problem.code)
        .sort(),
    ).toEqual(["graph.dangling_edge", "graph.duplicate_edge", "graph.wrong_pair"]);
  });
  it("what the server says is not said twice", () => {
    const twice = checkGraph(aGraph([aNode("a", "service", { name: "Web" })]), sampleCatalog);
    expect(mergeProblems(twice, twice)).toHaveLength(1);
  });
});

describe("autosave", () => {
  const play = (events: SaveEvent[], start: SaveState = startSaved(7)): SaveState => events.reduce(nextSave, start);

  it("waits for a pause, but not for ever", () => {
    const dirty = play([{ type: "edited", now: 1000 }]);
    expect(dueAt(dirty, 1000)).toBe(1000 + PAUSE_MS);
    expect(dueAt(dirty, 60_000)).toBe(1000 + LONGEST_MS);
  });
  it("an edit while a save is on its way is saved next", () => {
    const state = play([
      { type: "edited", now: 0 },
      { type: "sent" },
      { type: "edited", now: 5 },
      { type: "succeeded", rev: 8, now: 50 },
    ]);
    expect(state).toEqual({ type: "dirty", rev: 8, since: 50 });
  });
  it("retries with growing pauses while nobody answers, and then saves", () => {
    let state = play([{ type: "edited", now: 0 }]);
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      state = play([{ type: "sent" }, { type: "unreachable", reason: "No answer", now: 0 }], state);
      pauses.push(dueAt(state, 0) ?? -1);
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    expect(play([{ type: "edited", now: 9 }], state)).toBe(state);
    expect(play([{ type: "sent" }, { type: "succeeded", rev: 8, now: 9 }], state)).toEqual({
      type: "saved",
      rev: 8,
      savedAt: 9,
    });
  });
  it("a stale save waits for the person, and goes on from where they decide", () => {
    const stale = play([{ type: "edited", now: 0 }, { type: "sent" }, { type: "conflicted" }]);
    expect(stale.type).toBe("stale");
    expect(dueAt(stale, 0)).toBeNull();
    expect(play([{ type: "edited", now: 1 }], stale)).toBe(stale);
    expect(play([{ type: "rebased", rev: 9, dirty: true, now: 2 }], stale)).toEqual({
      type: "dirty",
      rev: 9,
      since: 2,
    });
  });
  it("refused content waits for the next edit", () => {
    const refused = play([{ type: "edited", now: 0 }, { type: "sent" }, { type: "rejected", reason: "Too large" }]);
    expect(dueAt(refused, 0)).toBeNull();
    expect(play([{ type: "edited", now: 4 }], refused).type).toBe("dirty");
  });
  it("is never silent about unsaved work: whatever happens, edits after the last save are known", () => {
    const random = seeded(5);
    for (let round = 0; round < 300; round += 1) {
      let state = startSaved(1);
      let [server, local, sent] = [0, 0, 0];
      for (let n = 0; n < 40; n += 1) {
        const now = n;
        const roll = random();
        if (roll < 0.4) {
          local += 1;
          state = nextSave(state, { type: "edited", now });
        } else if (dueAt(state, now) !== null && roll < 0.7) {
          sent = local;
          state = nextSave(state, { type: "sent" });
        } else if (state.type === "saving") {
          if (roll < 0.8) {
            server = sent;
            state = nextSave(state, { type: "succeeded", rev: state.rev + 1, now });
          } else if (roll < 0.9) state = nextSave(state, { type: "unreachable", reason: "", now });
          else state = nextSave(state, { type: "rejected", reason: "" });
        }
        expect(holdsUnsaved(state) || server === local).toBe(true);
      }
    }
  });
});

describe("merging with what somebody else saved", () => {
  const set = (id: string, name: string, value: string) =>
    applyDiff(shop, setParameter(shop, { type: "node", id }, [name], value).diff);

  it("keeps both edits when they touch different nodes, or different fields of one", () => {
    const merged = mergeDocuments(shop, set("app", "image", "nginx"), set("web", "type", "NodePort"));
    expect(merged.clashes).toEqual([]);
    expect(merged.document.nodes.app?.parameters).toEqual({ image: "nginx" });
    expect(merged.document.nodes.web?.parameters).toEqual({ type: "NodePort" });
    expect(
      mergeDocuments(shop, set("app", "image", "nginx"), set("app", "command", "x")).document.nodes.app?.parameters,
    ).toEqual({
      image: "nginx",
      command: "x",
    });
  });
  it("names the field that both changed and holds mine there", () => {
    const merged = mergeDocuments(shop, set("app", "image", "mine"), set("app", "image", "theirs"));
    expect(merged.clashes).toEqual([
      { type: "node", id: "app", field: "parameters.image", mine: "mine", theirs: "theirs" },
    ]);
    expect(merged.document.nodes.app?.parameters.image).toBe("mine");
  });
  it("tells when one removed what the other changed, and drops edges that lost an end", () => {
    const without = applyDiff(shop, remove(shop, ["app"]).diff);
    expect(mergeDocuments(shop, set("app", "image", "x"), without).clashes).toMatchObject([
      { id: "app", mine: "changed", theirs: "removed" },
    ]);
    const mine = applyDiff(shop, {
      nodes: { added: {}, updated: {}, removed: {} },
      edges: {
        added: { n: { id: "n", source: "conf", target: "app", relation: "env", parameters: {} } },
        updated: {},
        removed: {},
      },
    });
    const merged = mergeDocuments(shop, mine, without);
    expect(merged.droppedEdges).toEqual(["n"]);
    expect(Object.keys(merged.document.edges)).toEqual(["front--web--exposes"]);
  });
});

describe("drafts", () => {
  const edited = applyDiff(shop, setParameter(shop, { type: "node", id: "app" }, ["image"], "x").diff);
  it("goes on from a draft on the same revision", () => {
    expect(recoverDraft(makeDraft("w", 3, shop, edited, 1), 3, shop)).toEqual({
      type: "continue",
      document: edited,
      at: 1,
    });
  });
  it("asks when the server moved on", () => {
    expect(recoverDraft(makeDraft("w", 3, shop, edited, 1), 4, applyDiff(shop, remove(shop, ["conf"]).diff)).type).toBe(
      "diverged",
    );
  });
  it("forgets a draft that did arrive", () => {
    expect(recoverDraft(makeDraft("w", 3, shop, edited, 1), 4, edited)).toEqual({ type: "none" });
  });
});

describe("forms", () => {
  const kind = sampleCatalog.kindById.get("deployment")!;
  const form = (parameters: Record<string, string | number>) => {
    const node = aNode("app", "deployment", { parameters });
    return nodeForm(kind, node, aGraph([node]), sampleCatalog, []);
  };
  it("shows a dependent field only where it counts, by the default too", () => {
    expect(form({})[0]?.advanced.map((field) => field.parameter.name)).toEqual(["max_surge"]);
    expect(form({ strategy: "Recreate" })[0]?.advanced).toEqual([]);
  });
  it("shows a value that an edge fills in with where it comes from", () => {
    const fields = nodeForm(sampleCatalog.kindById.get("service")!, shop.nodes.web!, shop, sampleCatalog, [])[0]
      ?.fields;
    expect(fields?.find((field) => field.parameter.name === "selector")?.links).toEqual([
      { edgeId: "web--app--routes", relationId: "routes", phrase: "routes", nodeId: "app", nodeName: "app" },
    ]);
  });
  it("puts errors at their fields, whichever way the server writes list steps", () => {
    const problem = (field: string) => ({
      code: "x",
      detail: field,
      severity: "error" as const,
      field,
      node_ids: [],
      edge_ids: [],
    });
    const errors = errorsOf("nodes", "app", [
      problem("nodes.app.parameters.ports[0].port"),
      problem("nodes.app.parameters.ports.1.port"),
      problem("nodes.other.parameters.image"),
    ]);
    expect([...errors.keys()]).toEqual(["ports.0.port", "ports.1.port"]);
  });
  it("gives a relation's parameters a form of their own", () => {
    expect(
      edgeForm(shop.edges["front--web--exposes"]!, sampleCatalog, [])[0]?.fields.map((field) => field.parameter.name),
    ).toEqual(["path"]);
  });
  it.each([
    [aParameter("n", "integer", { min: 0, max: 9 }), 12, "Between 0 and 9."],
    [aParameter("n", "integer"), 1.5, "A whole number is needed."],
    [aParameter("n", "port"), 0, "Between 1 and 65535."],
    [aParameter("n", "integer", { min: 0 }), 0, null],
    [aParameter("n", "quantity"), "12 GB", "Not a quantity. Examples: 250m, 1.5, 128Mi, 2Gi."],
    [aParameter("n", "quantity"), "${SIZE}", null],
    [aParameter("n", "string", { required: true }), "", "n is needed."],
    [
      aParameter("n", "string", { pattern: "[a-z]+", example: "abc" }),
      "A",
      "Not in the form that is needed. Example: abc",
    ],
  ])("judges typed values (case %#)", (parameter, value, error) => expect(fieldError(parameter, value)).toBe(error));
});

describe("small things", () => {
  it.each(["0", "1", "0.5", "100m", "1e3", "128Mi", "2Gi", ".5"])("%s is a quantity", (text) =>
    expect(isQuantity(text)).toBe(true),
  );
  it.each(["", "1 Gi", "Gi", "1gb", "--1", "1mi"])("%s is no quantity", (text) => expect(isQuantity(text)).toBe(false));
  it("reads quantities plainly", () => {
    expect(plainQuantity("250m")).toBe("0.25");
    expect(plainQuantity("128Mi")).toBe("134,217,728 bytes");
  });
  it("finds kinds by a few letters, the best first", () => {
    const entries = ["Deployment", "DaemonSet", "PersistentVolumeClaim", "Pod"].map((item) => ({
      item,
      texts: [item],
    }));
    expect(fuzzyFind("pvc", entries)[0]).toBe("PersistentVolumeClaim");
    expect(fuzzyFind("dep", entries)[0]).toBe("Deployment");
    expect(fuzzyFind("ds", entries)[0]).toBe("DaemonSet");
    expect(fuzzyFind("zz", entries)).toEqual([]);
  });
  it("finds a free name by counting on", () => {
    expect(freeName(new Set(["web", "web-2"]), "web")).toBe("web-3");
    expect(freeName(new Set(["web-2"]), "web-2")).toBe("web-3");
    expect(freeName(new Set(["a".repeat(63)]), "a".repeat(63))).toHaveLength(63);
  });
  it("names and ids keep to what the server takes", () => {
    expect(nameProblem("web-1")).toBeNull();
    expect([nameProblem("Web"), nameProblem(""), nameProblem("-a"), nameProblem("a".repeat(64))].every(Boolean)).toBe(
      true,
    );
    for (const stem of ["persistentvolumeclaim", "A b", "", "-x-"]) {
      expect(newId(stem, () => false)).toMatch(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
    }
  });
  it("copies as text and pastes with new ids, free names and inner edges", () => {
    const fragment = fragmentFromText(fragmentToText(copyFragment(shop, ["web", "app"])))!;
    const { edit, nodeIds } = paste(shop, sampleCatalog, fragment, { x: 20, y: 20 }, seeded(1));
    const after = applyDiff(shop, edit.diff);
    expect(nodeIds.map((id) => after.nodes[id]?.name)).toEqual(["web-2", "app-2"]);
    expect(Object.keys(after.edges)).toHaveLength(3);
  });
  it("a duplicate comes without the lines of which an end may have but one", () => {
    const once = { ...sampleCatalog.relations[0]!, one_per: ["source"] };
    const catalog = indexCatalog({ ...sampleCatalog, relations: [once, ...sampleCatalog.relations.slice(1)] });
    const graph = aGraph(
      [aNode("web", "service"), aNode("app", "deployment"), aNode("conf", "configmap")],
      [
        ["web", "app", "routes"],
        ["conf", "app", "mounts"],
      ],
    );
    const { edit } = paste(graph, catalog, duplicateFragment(graph, ["app"]), { x: 20, y: 20 }, seeded(1));
    expect(Object.values(edit.diff.edges.added).map((edge) => [edge.source, edge.relation])).toEqual([
      ["conf", "mounts"],
    ]);
    const both = paste(graph, catalog, duplicateFragment(graph, ["web", "app"]), { x: 20, y: 20 }, seeded(1));
    expect(Object.values(both.edit.diff.edges.added).map((edge) => edge.relation)).toEqual(["routes", "mounts"]);
  });
  it.each([
    "",
    "hello",
    "{}",
    '{"format":"kubeorch/graph-fragment@1","nodes":[{"id":1}]}',
    '{"format":"kubeorch/graph-fragment@1"',
  ])("foreign text on the clipboard does no harm: %s", (text) => {
    expect(fragmentFromText(text)?.nodes ?? []).toEqual([]);
  });
  it("sets deep values without touching the original", () => {
    const before = { ports: [{ port: 80 }, { port: 443 }] };
    const after = withValueAt(before, ["ports", 1, "port"], 8443);
    expect(after).toEqual({ ports: [{ port: 80 }, { port: 8443 }] });
    expect(before.ports[1]?.port).toBe(443);
    expect(withValueAt(after, ["ports", 0], undefined)).toEqual({ ports: [{ port: 8443 }] });
    expect(valueAt(after, ["ports", 0, "port"])).toBe(80);
    expect(withValueAt({ a: 1 }, ["a"], undefined)).toEqual({});
  });
  it("describes a difference field by field, and a move as none", () => {
    const after = applyDiff(shop, setParameter(shop, { type: "node", id: "app" }, ["replicas"], 3).diff);
    expect(describeDiff(shop, after)).toMatchObject([
      { title: "app", change: "modified", fields: [{ path: "replicas", from: undefined, to: 3 }] },
    ]);
    const moved = { ...shop, nodes: { ...shop.nodes, app: { ...shop.nodes.app!, position: { x: 9, y: 9 } } } };
    expect(describeDiff(shop, moved)).toEqual([]);
  });
  it("finds room for a hundred cards without one over another", () => {
    let graph = aGraph([]);
    for (let n = 0; n < 100; n += 1) {
      const position = freeSpot(graph, { x: 500, y: 300 });
      for (const other of Object.values(graph.nodes)) {
        const apart =
          Math.abs(other.position.x - position.x) >= CARD.width ||
          Math.abs(other.position.y - position.y) >= CARD.height;
        expect(apart).toBe(true);
      }
      graph = aGraph([...Object.values(graph.nodes), aNode(`n${n}`, "service", { position })]);
    }
  });
  it("a card's line names what matters, and the default where nothing was typed", () => {
    const kind = sampleCatalog.kindById.get("deployment");
    expect(cardLine(kind, aNode("a", "deployment", { parameters: { image: "nginx:1.27" } }))).toBe("nginx:1.27 · 1");
    expect(
      cardLine(
        sampleCatalog.kindById.get("service"),
        aNode("a", "service", { parameters: { ports: [{ port: 80 }, { port: 443 }] } }),
      ),
    ).toBe("80, 443");
  });
});
