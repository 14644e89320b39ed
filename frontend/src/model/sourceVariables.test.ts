import { expect, it } from "vitest";
import { secretHint, variableRow } from "./sourceVariables";

it("says of a secret without a value who asks for it: the first run, or nobody", () => {
  const wanted = { secret: true, wanted: "Dockerfile:3" };
  expect(secretHint(variableRow({ ...wanted, usage: "run" }))).toBe("Asked for at the first run");
  expect(secretHint(variableRow({ ...wanted, usage: "build" }))).toBe("Empty: builds go without it");
  expect(secretHint(variableRow({ ...wanted, usage: "both" }))).toBe("Empty: builds go without it");
  expect(secretHint(variableRow({ ...wanted, isKept: true }))).toBe("Kept; type to replace it");
  expect(secretHint(variableRow({ secret: true }))).toBe("");
});
