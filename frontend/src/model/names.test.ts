import { expect, it } from "vitest";
import { freeName, nameProblem, newId, slug } from "./names";

it("finds a free name by counting on", () => {
  expect(freeName(new Set(["web", "web-2"]), "web")).toBe("web-3");
  expect(freeName(new Set(["web-2"]), "web-2")).toBe("web-3");
  expect(freeName(new Set(["a".repeat(63)]), "a".repeat(63))).toHaveLength(63);
});

it("names and ids keep to what the server takes", () => {
  expect(nameProblem("web-1")).toBeNull();
  expect([nameProblem("Web"), nameProblem(""), nameProblem("-a"), nameProblem("a".repeat(64))].every(Boolean)).toBe(
    true,
  );
  for (const stem of ["persistentvolumeclaim", "A b", "", "-x-"]) {
    expect(newId(stem, () => false)).toMatch(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
  }
});

it.each([
  ["Störe", "store"],
  ["Straße 12", "strasse-12"],
  ["  My shop (prod)! ", "my-shop-prod"],
  ["kubernetes-admin@prod.example", "kubernetes-admin-prod-example"],
  ["---", ""],
  ["日本", ""],
])("%j as a name is %j", (text, expected) => {
  expect(slug(text)).toBe(expected);
});

it("a name cut short does not end in a dash", () => {
  expect(slug(`${"a".repeat(62)} b`)).toBe("a".repeat(62));
});
