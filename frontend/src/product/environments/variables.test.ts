import { describe, expect, it } from "vitest";
import { aRow, checkRows, referencedNames, retyped, rowsOf, variablesOf } from "./variables";

describe("variables of an environment", () => {
  it("are sent with the type that was chosen, and read back the same", () => {
    const typed = [
      aRow({ name: "TAG", text: "1.27" }),
      aRow({ name: "COUNT", type: "integer", text: " 3 " }),
      aRow({ name: "DEBUG", type: "boolean", text: "true" }),
      aRow({ name: "EMPTY" }),
      aRow(),
    ];
    const document = variablesOf(typed);
    expect(document).toEqual({
      TAG: { type: "string", value: "1.27" },
      COUNT: { type: "integer", value: 3 },
      DEBUG: { type: "boolean", value: true },
      EMPTY: { type: "string", value: "" },
    });
    expect(variablesOf(rowsOf(document))).toEqual(document);
    expect(checkRows(typed)).toEqual({});
  });

  it.each([
    ["a name that starts with a digit", [aRow({ name: "1ST", text: "x" })], "name", /not a digit first/],
    ["a value without a name", [aRow({ text: "x" })], "name", /letters, digits/],
    ["a name with a space", [aRow({ name: "WEB TAG" })], "name", /letters, digits/],
    ["a name listed twice", [aRow({ name: "A" }), aRow({ name: "A" })], "name", /A is listed twice/],
    ["a text as an integer", [aRow({ name: "N", type: "integer", text: "3.5" })], "value", /whole number/],
    ["nothing as an integer", [aRow({ name: "N", type: "integer" })], "value", /whole number/],
    [
      "a number that a browser would round",
      [aRow({ name: "N", type: "integer", text: "9007199254740993" })],
      "value",
      /too large/,
    ],
  ] as const)("%s is refused at its row", (_what, rows, part, words) => {
    const errors = checkRows(rows);
    const last = rows.at(-1);
    expect(Object.keys(errors)).toEqual([String(last?.key)]);
    expect(errors[last?.key ?? 0]?.[part]).toMatch(words);
  });

  it("keep their text when the type changes, as far as it fits", () => {
    expect(retyped(aRow({ text: "true" }), "boolean").text).toBe("true");
    expect(retyped(aRow({ text: "3" }), "boolean").text).toBe("false");
    expect(retyped(aRow({ text: "3" }), "integer").text).toBe("3");
  });

  it("are found where the drawing refers to them, and not where the reference is escaped", () => {
    const nodes = [
      { parameters: { image: "shop:${WEB_TAG}", env: [{ value: "$${HOME} ${REGION}" }] }, patch: "a: ${_X1}" },
    ];
    expect([...referencedNames(nodes)].sort()).toEqual(["REGION", "WEB_TAG", "_X1"]);
  });
});
