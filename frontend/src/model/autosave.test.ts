import { describe, expect, it } from "vitest";
import {
  dueAt,
  holdsUnsaved,
  LONGEST_MS,
  nextSave,
  PAUSE_MS,
  type SaveEvent,
  type SaveState,
  startSaved,
} from "./autosave";
import { seeded } from "./testing/samples";

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
