import { expect, it } from "vitest";
import { shortCommit, shortDigest } from "./images";

it("a digest is cut where two can still be told apart", () => {
  expect(shortDigest(`sha256:${"0123456789abcdef".repeat(4)}`)).toBe("sha256:0123456789ab…");
  expect(shortDigest("sha256:abc")).toBe("sha256:abc");
  expect(shortDigest("")).toBe("");
});

it("a commit is called by its first letters", () => {
  expect(shortCommit("0123456789abcdef")).toBe("0123456");
});
