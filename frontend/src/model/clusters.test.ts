import { describe, expect, it } from "vitest";
import type { Cluster } from "@/contract";
import { mergeClusters, progressWord } from "./clusters";

const cluster = (name: string, more: Partial<Cluster> = {}) =>
  ({
    id: name,
    name,
    is_sandbox: false,
    state: "ready",
    rev: 1,
    last_checked_at: null,
    progress: null,
    ...more,
  }) as Cluster;

describe("clusters of list and live topic", () => {
  it("are those that the topic knows, each as new as either has it", () => {
    const listed = [cluster("a", { rev: 5, state: "failed" }), cluster("b", { rev: 1 }), cluster("gone")];
    const live = [cluster("b", { rev: 2, state: "failed" }), cluster("a", { rev: 4 }), cluster("new")];
    expect(mergeClusters(listed, live).map(({ name, state, rev }) => [name, state, rev])).toEqual([
      ["a", "failed", 5],
      ["b", "failed", 2],
      ["new", "ready", 1],
    ]);
  });

  it("show a check that changed nothing", () => {
    const before = cluster("a", { last_checked_at: "2026-01-01T10:00:00Z" });
    const after = cluster("a", { last_checked_at: "2026-01-01T10:05:00Z" });
    expect(mergeClusters([after], [before])[0]?.last_checked_at).toBe(after.last_checked_at);
    expect(mergeClusters([before], [after])[0]?.last_checked_at).toBe(after.last_checked_at);
  });

  it("begin with the sandbox, then go by name", () => {
    const live = [cluster("b"), cluster("a"), cluster("z", { is_sandbox: true })];
    expect(mergeClusters([], live).map(({ name }) => name)).toEqual(["z", "a", "b"]);
  });
});

describe("the progress of a cluster", () => {
  const progress = { phase: "building", step: 2, steps: 5, message: "", detail: "" } as Cluster["progress"];
  it.each([
    [cluster("a"), "ready"],
    [cluster("a", { state: "failed" }), "failed"],
    [cluster("a", { state: "pending" }), "pending"],
    [cluster("a", { state: "pending", progress }), "building 2 of 5"],
  ])("case %#", (given, word) => {
    expect(progressWord(given)).toBe(word);
  });
});
