import { expect, test } from "vitest";
import { notDrawn, otherRunning } from "./watched";

const found = {
  images: ["nginx:1.28"],
  total: 1,
  deployed: ["nginx:1.27"],
  deployed_total: 1,
  running: [{ image: "nginx:1.27", digest: "sha256:1" }],
};

test("an image that is drawn otherwise by now is watched in vain", () => {
  expect(notDrawn("nginx:1.27", "saved", found)).toBe("not in the saved graph");
  expect(notDrawn("nginx:1.27", "deployed", found)).toBe("");
  expect(notDrawn("nginx:1.28", "deployed", found)).toBe("not in what a person deployed");
  expect(notDrawn("nginx:1.28", "saved", found)).toBe("");
});

test("nothing is said before it is known, or where not all of them are", () => {
  expect(notDrawn("nginx:1.27", "saved", undefined)).toBe("");
  expect(notDrawn("nginx:1.27", "saved", { ...found, total: 501 })).toBe("");
});

test("what was seen and what runs are told apart", () => {
  expect(otherRunning("nginx:1.27", "sha256:2", found)).toBe("sha256:1");
  expect(otherRunning("nginx:1.27", "sha256:1", found)).toBe("");
  expect(otherRunning("nginx:1.28", "sha256:1", found)).toBe("");
});
