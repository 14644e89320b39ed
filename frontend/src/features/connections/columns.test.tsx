import { expect, it } from "vitest";
import type { GitConnection } from "@/contract";
import { tokenFact } from "./columns";

it("says who is signed in, and shows no name as if it were the token", () => {
  const fact = (given: Partial<GitConnection>) => tokenFact({ user: "", username: "", ...given } as GitConnection);
  expect(fact({ has_token: true, user: "ada" })).toEqual(["Signed in as", "ada"]);
  expect(fact({ has_token: true })).toEqual(["Token", "stored"]);
  expect(fact({ has_token: false, username: "ada" })).toEqual(["Token", "none"]);
});
