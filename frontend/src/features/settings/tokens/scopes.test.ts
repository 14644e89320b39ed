import { expect, it } from "vitest";
import { nameOf, SCOPES } from "./scopes";

it("a sign-in over the API is called what it is, and every other token by its name", () => {
  expect(nameOf({ name: "login" })).toBe("Sign-in over the API");
  expect(nameOf({ name: "release pipeline" })).toBe("release pipeline");
});

it("every scope says what it allows", () => {
  expect(SCOPES.map(({ value }) => value)).toEqual(["read", "run", "full"]);
  expect(SCOPES.every(({ hint }) => hint.length > 0)).toBe(true);
});
