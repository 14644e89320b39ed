import { expect, it } from "vitest";
import { hubName, imageOf, isWhole, newerBuild, repositoryOf, shortCommit, shortDigest } from "./images";

it("a digest is cut where two can still be told apart", () => {
  expect(shortDigest(`sha256:${"0123456789abcdef".repeat(4)}`)).toBe("sha256:0123456789ab…");
  expect(shortDigest("sha256:abc")).toBe("sha256:abc");
  expect(shortDigest("")).toBe("");
});

it("a commit is called by its first letters", () => {
  expect(shortCommit("0123456789abcdef")).toBe("0123456");
});

it("the repository of an image is its name without tag and digest, the port of its host kept", () => {
  expect(repositoryOf("nginx")).toBe("nginx");
  expect(repositoryOf("nginx:1.27")).toBe("nginx");
  expect(repositoryOf("reg.example.com:5000/a/web")).toBe("reg.example.com:5000/a/web");
  expect(repositoryOf("reg.example.com:5000/a/web:1@sha256:0123")).toBe("reg.example.com:5000/a/web");
  expect(repositoryOf("ghcr.io/a/web@sha256:0123")).toBe("ghcr.io/a/web");
});

it("an image is named by its tag, and by its digest where that is wanted and known", () => {
  expect(imageOf("nginx", { tag: "1", digest: "sha256:0" }, false)).toBe("nginx:1");
  expect(imageOf("nginx", { tag: "1", digest: "sha256:0" }, true)).toBe("nginx:1@sha256:0");
  expect(imageOf("nginx", { tag: "1", digest: "" }, true)).toBe("nginx:1");
});

it("a newer build is told of where an older one runs, and nowhere else", () => {
  expect(newerBuild({ image: { number: 5 }, deployed: { number: 3 } })).toBe("Build #5 is there, and #3 runs");
  expect(newerBuild({ image: { number: 3 }, deployed: { number: 3 } })).toBe("");
  expect(newerBuild({ image: { number: 2 }, deployed: { number: 3 } })).toBe("");
  expect(newerBuild({ image: { number: 5 }, deployed: null })).toBe("");
  expect(newerBuild({ image: null, deployed: { number: 3 } })).toBe("");
  expect(newerBuild(undefined)).toBe("");
});

it("a name without a registry is one of Docker Hub, and told from one that names its registry", () => {
  expect(hubName("nginx")).toBe("docker.io/library/nginx");
  expect(hubName("team/web:1")).toBe("docker.io/team/web");
  expect([hubName("ghcr.io/a/b"), hubName(" ")]).toEqual(["", ""]);
  expect(["ghcr.io/a/b", "localhost/a", "host:5000/a"].every(isWhole)).toBe(true);
  expect(["nginx", "team/web", "nginx:1.27", ""].some(isWhole)).toBe(false);
});
