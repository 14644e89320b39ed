import { describe, expect, it } from "vitest";
import { fuzzyFind } from "./fuzzyFind";

const KINDS = [
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "ConfigMap",
  "PersistentVolumeClaim",
  "HorizontalPodAutoscaler",
];
const entries = KINDS.map((item) => ({ item, texts: [item, item.toLowerCase(), `What a ${item} does to volumes.`] }));

describe("finding by a few letters", () => {
  it.each([
    ["dep", "Deployment"],
    ["ds", "DaemonSet"],
    ["pvc", "PersistentVolumeClaim"],
    ["hpa", "HorizontalPodAutoscaler"],
    ["cm", "ConfigMap"],
    ["config map", "ConfigMap"],
    ["map config", "ConfigMap"],
  ])("%s finds %s first", (query, first) => {
    expect(fuzzyFind(query, entries)[0]).toBe(first);
  });

  it("gives everything in order for no query, and nothing for letters that nobody has", () => {
    expect(fuzzyFind("  ", entries)).toEqual(KINDS);
    expect(fuzzyFind("xx", entries)).toEqual([]);
  });

  it("finds words of descriptions after names, and no scattered letters in them", () => {
    const both = [
      { item: "other", texts: ["Other", "other", "Mounts a secret"] },
      { item: "secret", texts: ["Secret", "secret", "Sealed values"] },
    ];
    expect(fuzzyFind("secret", both)).toEqual(["secret", "other"]);
    expect(fuzzyFind("mase", both)).toEqual([]);
  });

  it("wants every word", () => {
    expect(fuzzyFind("deployment claim", entries)).toEqual([]);
  });
});
