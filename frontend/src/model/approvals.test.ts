import { describe, expect, it } from "vitest";
import { sayActs, sayWhat } from "./approvals";

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
