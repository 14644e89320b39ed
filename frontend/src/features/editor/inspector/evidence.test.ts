import { describe, expect, it } from "vitest";
import type { Evidence } from "@/contract";
import { groupEvents, readableFacts } from "./evidence";

function anEvent(name: string, reason: string, message = ""): Evidence {
  return { ref: { api_version: "v1", kind: "Pod", namespace: "shop", name }, reason, message, count: 1, at: null };
}

describe("events", () => {
  it("that several pods share are one entry with all their names", () => {
    const groups = groupEvents([
      anEvent("a", "BackOff", "x"),
      anEvent("b", "BackOff", "x"),
      anEvent("c", "BackOff", "y"),
    ]);
    expect(groups.map((group) => group.names)).toEqual([["a", "b"], ["c"]]);
  });
});

describe("facts", () => {
  it("are labelled in words; what is not plain text is left out", () => {
    expect(readableFacts({ ready_replicas: 2, suspended: false, images: ["a"], none: null })).toEqual([
      ["Ready replicas", "2"],
      ["Suspended", "false"],
    ]);
  });
});
