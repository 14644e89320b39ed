import { expect, test } from "vitest";
import type { Import, ImportDecision, LedgerEntry, Trial } from "@/contract";
import {
  type Compared,
  becameWords,
  countsOf,
  decisionAt,
  entryAt,
  fromWords,
  outcomeWord,
  placesWord,
  refusedWords,
  reasonOf,
  refusalsAt,
  rowsOf,
  samenessWords,
  sharedReason,
  topicWord,
  verdictCounts,
} from "./importWords";

const entry = (path: string[], more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  path,
  place: null,
  outcome: "converted",
  became: [],
  why: "",
  ...more,
});

test("items of a list that say what their list says are folded into it", () => {
  const became = [{ node_id: "web", field: "parameters.command" }];
  const entries = [
    entry(["services", "web", "command", "0"], { became }),
    entry(["services", "web", "command", "1"], { became }),
    entry(["services", "web", "command"], { became }),
    entry(["services", "web", "ports", "0"], { outcome: "dropped", why: "udp" }),
    entry(["services", "web", "ports"]),
  ];
  expect(rowsOf(entries).map(({ entry: { path }, folded }) => [path.slice(2).join("."), folded])).toEqual([
    ["command", 2],
    ["ports.0", 0],
    ["ports", 0],
  ]);
});

test("keys below one that say what it says are folded into it, through all levels", () => {
  const gone = { outcome: "dropped", why: "no program of others runs" } as const;
  const entries = [
    entry(["services", "ai", "provider"], gone),
    entry(["services", "ai", "provider", "type"], gone),
    entry(["services", "ai", "provider", "options"], gone),
    entry(["services", "ai", "provider", "options", "a"], gone),
    entry(["services", "ai", "provider", "options", "b"], { ...gone, why: "other" }),
  ];
  expect(rowsOf(entries).map(({ entry: { path }, folded }) => [path.slice(2).join("."), folded])).toEqual([
    ["provider", 3],
    ["provider.options.b", 0],
  ]);
});

test("what a key became is said in words, with the kind where two nodes share a name", () => {
  const graph = {
    nodes: [
      { id: "a", kind: "config_map", name: "conf" },
      { id: "b", kind: "deployment", name: "web" },
      { id: "c", kind: "service", name: "web" },
    ],
    edges: [{ id: "e4", source: "a", target: "b", relation: "mounts" }],
  } as unknown as Import["graph"];
  const became = ["edges.e4", "parameters.image", "patch.spec.x", "edges"].map((field) => ({ node_id: "b", field }));
  expect(becameWords(entry([], { became }), graph)).toEqual([
    "conf is mounted into web (deployment)",
    "web (deployment) · image",
    "web (deployment) · patch spec.x",
    "web (deployment) · its lines",
  ]);
});

test("an outcome that no key has counts as none", () => {
  expect(countsOf({ counts: { dropped: 3 } })).toMatchObject({ dropped: 3, left_out: 0, decision: 0 });
});

test("the digest of a file stands apart from the reason", () => {
  const digest = `sha256 ${"0a".repeat(32)}`;
  expect(reasonOf({ why: `1 file, ${digest}` } as LedgerEntry)).toEqual({ text: "1 file", digest });
  expect(reasonOf({ why: digest } as LedgerEntry)).toEqual({ text: "the content is the same", digest });
  expect(reasonOf({ why: "sealed" } as LedgerEntry)).toEqual({ text: "sealed", digest: "" });
});

test("a reason that several objects share is said once, and one of its own with its object", () => {
  const at = (reason: string, verdict = "at_apply") => ({ verdict, reason }) as Trial["objects"][number];
  expect(sharedReason([at("new"), at("own"), at("new"), at("", "proven")])).toBe("new");
  expect(sharedReason([at("own"), at("other"), at(""), at("")])).toBe("");
  expect(sharedReason([at("no", "refused"), at("no", "refused")])).toBe("");
});

test("what a cluster refuses is found at its key, and at the question about it", () => {
  const place = (line: number, column = 5) => ({ path: "compose.yaml", line, column });
  const ledger = [entry(["a"], { place: place(3) }), entry(["b"], { place: place(3, 9) })];
  const decisions = [
    { id: "line", places: [place(3, 1)] },
    { id: "key", places: [place(3, 9)] },
  ] as unknown as ImportDecision[];
  const objects = [
    { verdict: "refused", reason: "no", place: place(3, 9) },
    { verdict: "proven", reason: "", place: place(3, 9) },
  ] as unknown as Trial["objects"];
  expect(entryAt(ledger, place(3, 9))?.path).toEqual(["b"]);
  expect(decisionAt(decisions, place(3, 9))?.id).toBe("key");
  expect(decisionAt(decisions, place(3, 7))?.id).toBe("line");
  expect(decisionAt(decisions, place(4))).toBeUndefined();
  expect(refusalsAt({ objects }, place(3, 9))).toEqual(["no"]);
  expect(refusalsAt({ objects }, null)).toEqual([]);
  expect(verdictCounts({ counts: { proven: 2, refused: 1, at_apply: 0 } })).toEqual([
    { verdict: "refused", count: 1 },
    { verdict: "proven", count: 2 },
  ]);
});

test("an import that was refused says what of it failed", () => {
  const of = (type: string): string => refusedWords({ source: { type } } as unknown as Import);
  expect(of("compose")).toBe("The files could not be converted");
  expect(of("namespace")).toBe("The namespace could not be read");
});

test("an import says where it came from", () => {
  const from = (more: object): string =>
    fromWords({ source: { files: [{}, {}], git: null, namespace: null, chart: null, ...more } } as unknown as Import);
  const git = {
    url: "https://git.example.org/team/shop.git",
    path: "deploy",
    found_at: "branch main",
    commit: "0a1b2c3d4",
  };
  expect(from({ git })).toBe("git.example.org/team/shop · deploy · main");
  expect(from({ git: { ...git, path: "", found_at: "" } })).toBe("git.example.org/team/shop · 0a1b2c3");
  expect(from({ git: { ...git, url: "ssh://git@host/shop", path: "" } })).toBe("host/shop · main");
  expect(from({ namespace: { cluster: { name: "sandbox" }, namespace: "shop" } })).toBe("sandbox · shop");
  expect(from({ chart: { url: "oci://host/charts/shop" } })).toBe("host/charts/shop");
  expect(from({ chart: { url: "" } })).toBe("2 files");
});

test("several places name each file once, and its lines in order", () => {
  const at = (path: string, line: number) => ({ path, line, column: 1 });
  expect(placesWord([at("compose.yaml", 41), at("more.yaml", 0), at("compose.yaml", 5), at("compose.yaml", 41)])).toBe(
    "compose.yaml:5, 41, more.yaml",
  );
  expect(placesWord([])).toBe("");
});

test("a comparison is summed up in one sentence", () => {
  const items = Array.from({ length: 5 }, () => ({}) as Compared);
  expect(samenessWords({ counts: { kept: 5 }, items })).toBe("All 5 items are as Compose gives them");
  expect(samenessWords({ counts: { kept: 2, broken: 1, unknown: 2 }, items })).toBe(
    "2 of 5 items are as Compose gives them, 1 differs and 2 could not be asked",
  );
  expect(samenessWords({ counts: {}, items: [] })).toContain("nothing that can be compared");
  expect(topicWord({ topic: "name" })).toBe("reaches");
});

test("several keys need a decision, and one needs it", () => {
  expect([1, 2].map((count) => outcomeWord("decision", count))).toEqual(["needs a decision", "need a decision"]);
  expect(outcomeWord("dropped", 2)).toBe("dropped");
});
