import { expect, test } from "vitest";
import { credentialOf, tokenFact } from "./columns";
import { clientGiven } from "./OAuthFields";
import { refusalWords } from "./signInWords";
import type { GitConnection } from "@/contract";

test("a refusal is told in words, and an answer of any length is cut", () => {
  expect(refusalWords("access_denied")).toContain("allow it there");
  expect(refusalWords(null)).toContain("nothing back");
  expect(refusalWords("x".repeat(500)).length).toBeLessThan(200);
});

test("no secret of a client is sent where the stored one stays", () => {
  expect(clientGiven({ client_id: " a ", client_secret: "" })).toEqual({ client_id: "a" });
  expect(clientGiven({ client_id: "a", client_secret: "b" })).toEqual({ client_id: "a", client_secret: "b" });
});

test("a sign-in is no token, and says who is signed in, or that nobody is", () => {
  const signedIn = (at: string | null, user: string) =>
    ({
      oauth: { client_id: "a", signed_in_at: at },
      has_token: true,
      keys: [],
      user,
      username: "",
    }) as unknown as GitConnection;
  expect(credentialOf(signedIn("2026-11-27T10:00:00Z", "ada"))).toBe("sign-in of ada");
  expect(credentialOf(signedIn(null, ""))).toBe("sign-in, nobody yet");
  expect(tokenFact(signedIn("2026-11-27T10:00:00Z", "ada"))).toEqual(["Signed in as", "ada"]);
  expect(tokenFact(signedIn(null, ""))).toEqual(["Signed in", "nobody"]);
});
