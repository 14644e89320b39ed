import { describe, expect, it } from "vitest";
import type { AskedPlan } from "@/contract";
import { sayActs, sayWhat, standingIn } from "./approvals";

const counts = { create: 0, update: 0, unchanged: 0, recreate: 0, delete: 0, keep: 0, give_back: 0, conflict: 0 };

describe("a plan that waits for an approval", () => {
  it("says what it does, the most dangerous first", () => {
    expect(sayActs({ ...counts, create: 3, delete: 1, unchanged: 4 })).toBe("deletes 1, creates 3");
    expect(sayActs({ ...counts, update: 2, conflict: 1 })).toBe("conflicts with others at 1, updates 2");
    expect(sayActs({ ...counts, unchanged: 4 })).toBe("changes nothing");
  });

  it("says what it applies", () => {
    expect(sayWhat({ version: 3, to_run: null })).toBe("v3");
    expect(sayWhat({ version: 2, to_run: { id: "r", number: 7, version: 2 } })).toBe("return to run #7");
    expect(sayWhat({ version: null, to_run: null })).toBe("saved graph");
  });
});

describe("what stands in an environment", () => {
  const none = { required: true, state: "none", by: null, at: null, reason: "" } as const;
  const asked = (id: string, by: string, what: Partial<AskedPlan> = {}): AskedPlan =>
    ({ id, by: { id: by, name: by }, approval: none, run: null, still_true: null, waits: false, ...what }) as AskedPlan;
  const said = (state: "approved" | "refused" | "withdrawn") => ({ approval: { ...none, state } });
  const run = { id: "r", number: 1, state: "succeeded" } as const;
  const found = (...plans: AskedPlan[]) => standingIn(plans).map(({ plan, standing }) => `${plan.id}: ${standing}`);

  it("is what may run and what waits", () => {
    expect(
      found(
        asked("3", "sam", { waits: true }),
        asked("2", "olga", said("approved")),
        asked("1", "sam", said("approved")),
      ),
    ).toEqual(["3: waiting", "2: to run", "1: to run"]);
  });

  it("is of each person the last answer, until they ask again or run something", () => {
    expect(found(asked("2", "sam", said("refused")), asked("1", "sam", said("refused")))).toEqual(["2: refused"]);
    expect(found(asked("2", "sam", { waits: true }), asked("1", "sam", said("refused")))).toEqual(["2: waiting"]);
    expect(found(asked("2", "sam", { ...said("approved"), run }), asked("1", "sam", said("withdrawn")))).toEqual([]);
  });

  it("is not what took the place of another, and names what is no longer true", () => {
    expect(found(asked("1", "sam"))).toEqual([]);
    expect(found(asked("1", "sam", { ...said("approved"), still_true: false }))).toEqual(["1: moved"]);
    expect(found(asked("1", "sam", { waits: true, still_true: false }))).toEqual(["1: moved"]);
  });
});
