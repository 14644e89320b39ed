import { describe, expect, it } from "vitest";
import { aParameter } from "@/model/testing/samples";
import { isEmptyValue, isOptionalObject, numberOrText, placeholderOf, rowTitle, singular } from "./values";

describe("values in a form", () => {
  it.each([
    ["Labels", "label"],
    ["Policies", "policy"],
    ["Addresses", "address"],
    ["Prefixes", "prefix"],
    ["Args", "args"],
    ["Access", "access"],
    ["", "row"],
  ])("a row of %s is called %s", (label, word) => {
    expect(singular(label)).toBe(word);
  });

  it.each([
    ["80", 80],
    ["http", "http"],
    ["25%", "25%"],
    ["1234567890", "1234567890"],
    ["", undefined],
  ])("%s is a number if it is digits alone", (text, value) => {
    expect(numberOrText(text)).toBe(value);
  });

  it("a placeholder is the default, else the hint of the catalog, else its example", () => {
    const all = { default: 3, placeholder: "how many", example: 5 };
    expect(placeholderOf(aParameter("n", "integer", all))).toBe("3");
    expect(placeholderOf(aParameter("n", "integer", { ...all, default: undefined }))).toBe("how many");
    expect(placeholderOf(aParameter("n", "integer", { example: 5 }))).toBe("e.g. 5");
    expect(placeholderOf(aParameter("n", "integer"))).toBeUndefined();
  });

  it("a folded row is called by its first short values", () => {
    const item = aParameter("", "object", {
      fields: [aParameter("name", "string"), aParameter("on", "boolean"), aParameter("port", "port")],
    });
    expect(rowTitle(item, { name: "http", on: true, port: 80 })).toBe("http · 80");
    expect(rowTitle(item, { name: "x".repeat(80) })).toBe("");
    expect(rowTitle(item, "text")).toBe("");
  });

  it("nothing, an empty list and an empty map leave room for what a connection sets", () => {
    expect([undefined, null, "", [], {}].every(isEmptyValue)).toBe(true);
    expect([0, false, "a", ["a"], { a: "b" }].some(isEmptyValue)).toBe(false);
  });

  it("an object that needs a value is there or not; a required one always is", () => {
    const fields = [aParameter("port", "port", { required: true })];
    expect(isOptionalObject(aParameter("probe", "object", { fields }))).toBe(true);
    expect(isOptionalObject(aParameter("probe", "object", { fields, required: true }))).toBe(false);
    expect(isOptionalObject(aParameter("limits", "object", { fields: [aParameter("cpu", "quantity")] }))).toBe(false);
  });
});
