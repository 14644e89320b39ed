import { describe, expect, it } from "vitest";
import { makeDraft, recoverDraft } from "./draft";
import { remove, setParameter } from "./edits";
import { applyDiff } from "./records";
import { shop } from "./testing/samples";

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
