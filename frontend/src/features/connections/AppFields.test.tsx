import { expect, test } from "vitest";
import { appGiven } from "./AppFields";

test("no key is sent where the stored one stays", () => {
  expect(appGiven({ app_id: " 77", installation_id: "4711 ", private_key: "" })).toEqual({
    app_id: "77",
    installation_id: "4711",
  });
});

test("a pasted key ends with one line break, as it stands in the file", () => {
  const given = appGiven({ app_id: "77", installation_id: "1", private_key: "\n-----BEGIN\n\n" });
  expect(given.private_key).toBe("-----BEGIN\n");
});
