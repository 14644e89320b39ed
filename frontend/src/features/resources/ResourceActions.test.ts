import { expect, it } from "vitest";
import { refusedAlike } from "./ResourceActions";

const no = (reason: string) => ({ allowed: false, reason });
const yes = { allowed: true, reason: "" };

it("one reason that keeps all actions away is said once", () => {
  expect(refusedAlike([no("shared as viewer"), no("shared as viewer")])).toBe("shared as viewer");
});

it("reasons of single actions stay with them", () => {
  expect(refusedAlike([no("paused already"), yes])).toBe("");
  expect(refusedAlike([no("paused already"), no("not paused")])).toBe("");
  expect(refusedAlike([no("paused already")])).toBe("");
  expect(refusedAlike([yes, yes])).toBe("");
  expect(refusedAlike([])).toBe("");
});
