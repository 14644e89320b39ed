import { describe, expect, it } from "vitest";
import { applyMessage, changesBetween, NOTHING_YET, type LiveTopic } from "./liveState";

const snapshot = (seq: number, data: Record<string, unknown>, epoch = "e1") =>
  ({ type: "snapshot", topic: "t", epoch, seq, data }) as const;
const delta = (seq: number, data: Record<string, unknown>, epoch?: string) =>
  ({ type: "delta", topic: "t", seq, epoch, data }) as const;
const held = (topic: LiveTopic) => Object.fromEntries(topic.values);

describe("a live topic", () => {
  it("shows the snapshot plus the deltas after it", () => {
    let topic = applyMessage(NOTHING_YET, snapshot(5, { a: { rev: 1 }, b: { rev: 1 } }));
    topic = applyMessage(topic, delta(6, { a: { rev: 2 } }));
    topic = applyMessage(topic, delta(8, { b: null, c: { rev: 1 } }));
    expect(held(topic)).toEqual({ a: { rev: 2 }, c: { rev: 1 } });
    expect(topic).toMatchObject({ state: "live", seq: 8, epoch: "e1" });
  });

  it("is not changed by a repeated or late delta: the same reference comes back", () => {
    const topic = applyMessage(NOTHING_YET, snapshot(5, { a: { rev: 4 } }));
    expect(applyMessage(topic, delta(5, { a: { rev: 3 } }))).toBe(topic);
    expect(applyMessage(topic, delta(4, { a: null }))).toBe(topic);
  });

  it("keeps the newer of two values of one entity, and its reference", () => {
    const value = { rev: 4, word: "newer" };
    const topic = applyMessage(NOTHING_YET, snapshot(5, { a: value }));
    const after = applyMessage(topic, delta(6, { a: { rev: 3, word: "older" } }));
    expect(after.values.get("a")).toBe(value);
  });

  it("takes a new name of what is at the same rev, and keeps the reference of a repetition", () => {
    const topic = applyMessage(NOTHING_YET, snapshot(5, { shop: { rev: 1, name: "shop" } }));
    const renamed = applyMessage(topic, delta(6, { shop: { rev: 1, name: "store" } }));
    expect(held(renamed)).toEqual({ shop: { rev: 1, name: "store" } });
    const repeated = applyMessage(renamed, snapshot(7, { shop: { rev: 1, name: "store" } }));
    expect(repeated.values.get("shop")).toBe(renamed.values.get("shop"));
  });

  it("takes another entity under the same key although its rev starts anew", () => {
    const topic = applyMessage(NOTHING_YET, snapshot(5, { run: { id: "r1", rev: 40 } }));
    expect(held(applyMessage(topic, delta(6, { run: { id: "r2", rev: 1 } })))).toEqual({ run: { id: "r2", rev: 1 } });
  });

  it("drops what a new snapshot no longer names, also when the server began a new epoch", () => {
    const topic = applyMessage(NOTHING_YET, snapshot(50, { a: { rev: 1 }, gone: { rev: 9 } }));
    const after = applyMessage(topic, snapshot(2, { a: { rev: 1 } }, "e2"));
    expect(held(after)).toEqual({ a: { rev: 1 } });
    expect(after).toMatchObject({ epoch: "e2", seq: 2 });
    expect(applyMessage(after, delta(51, { a: null }, "e1"))).toBe(after);
  });

  it("keeps what it knew when the server refuses, and says why", () => {
    const topic = applyMessage(NOTHING_YET, snapshot(5, { a: 1 }));
    const after = applyMessage(topic, {
      type: "error",
      topic: "t",
      data: { code: "not_found", detail: "there is no such thing here" },
    });
    expect(after.state).toBe("refused");
    expect(held(after)).toEqual({ a: 1 });
  });

  it("ends at the same values whatever of the deltas was merged on the way (snapshot before + events = snapshot after)", () => {
    const events = Array.from({ length: 60 }, (_, index) => ({
      key: `k${(index * 7) % 11}`,
      value: index % 5 === 4 ? null : { rev: index + 1 },
    }));
    const stepwise = events.reduce(
      (topic, event, index) => applyMessage(topic, delta(index + 1, { [event.key]: event.value })),
      applyMessage(NOTHING_YET, snapshot(0, {})),
    );
    const merged: Record<string, unknown> = {};
    for (const event of events) merged[event.key] = event.value;
    const atOnce = applyMessage(applyMessage(NOTHING_YET, snapshot(0, {})), delta(60, merged));
    expect(held(atOnce)).toEqual(held(stepwise));
  });
});

describe("the changes of a topic", () => {
  const before = applyMessage(NOTHING_YET, snapshot(5, { a: { rev: 1 }, b: { rev: 1 }, c: { rev: 1 } }));

  it("are what is new, what differs and what is gone", () => {
    const after = applyMessage(before, delta(6, { a: { rev: 2 }, b: null, d: { rev: 1 } }));
    const { isFresh, values } = changesBetween(before, after);
    expect(isFresh).toBe(false);
    expect([...values]).toEqual([
      ["a", { rev: 2 }],
      ["d", { rev: 1 }],
      ["b", undefined],
    ]);
  });

  it("begin anew with the first snapshot, and with one of another epoch", () => {
    expect(changesBetween(NOTHING_YET, before).isFresh).toBe(true);
    expect(changesBetween(before, applyMessage(before, snapshot(1, {}, "e2"))).isFresh).toBe(true);
    expect(changesBetween(before, applyMessage(before, snapshot(9, {}))).isFresh).toBe(false);
  });
});
