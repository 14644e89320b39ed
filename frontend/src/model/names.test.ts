import { expect, it } from "vitest";
import { freeName, freeNamespace, nameProblem, newId, slug } from "./names";
import { aKind } from "./testing/samples";

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

const ruled = (expected: string, max_length = 63) =>
  ({ ...aKind("thing", "Thing"), name_rule: { expected, max_length } }) as const;
const SUBDOMAIN = ruled("lower-case letters, digits, dashes and dots, with a letter or digit at both ends", 253);
const SERVICE = ruled("lower-case letters, digits and dashes, starting with a letter and not ending with a dash");

it.each([
  ["a.b-c.d", SUBDOMAIN, true],
  ["a..b", SUBDOMAIN, false],
  ["a.-b", SUBDOMAIN, false],
  ["a.b", SERVICE, false],
  ["1svc", SERVICE, false],
  ["svc-1", SERVICE, true],
])("%s by the rule of its kind", (name, kind, fine) => {
  expect(nameProblem(name, kind) === null).toBe(fine);
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

it.each([
  ["shop", "a", "shop-2"],
  ["shop", "b", "shop"],
  ["web", "a", "web"],
  ["", "a", ""],
])("%j in the cluster %s is suggested as %j", (wanted, cluster, expected) => {
  expect(freeNamespace(wanted, cluster, [{ cluster: { id: "a" }, namespace: "shop" }])).toBe(expected);
});
