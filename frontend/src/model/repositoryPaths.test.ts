import { expect, it } from "vitest";
import { folderOf, joined, pathBelow, plainPath, stepsTo } from "./repositoryPaths";

it("joins and cuts paths, with the top as an empty one", () => {
  expect([joined("", "a"), joined("a", "b"), joined("a", "")]).toEqual(["a", "a/b", "a"]);
  expect([folderOf("a/b/c"), folderOf("a"), folderOf("")]).toEqual(["a/b", "", ""]);
  expect([plainPath(" ./apps//web/ "), plainPath("/"), plainPath(".")]).toEqual(["apps/web", "", ""]);
});

it("tells what lies below a folder, and not beside it", () => {
  expect(pathBelow("apps/web/Dockerfile", "apps/web")).toBe("Dockerfile");
  expect(pathBelow("apps/web2/Dockerfile", "apps/web")).toBeNull();
  expect(pathBelow("apps", "apps")).toBe("");
  expect(pathBelow("x", "")).toBe("x");
});

it("leads from a folder down to a path", () => {
  expect(stepsTo("apps/web/src", "apps")).toEqual([
    { name: "apps", path: "apps" },
    { name: "web", path: "apps/web" },
    { name: "src", path: "apps/web/src" },
  ]);
  expect(stepsTo("a/b/c", "a/b").map(({ name }) => name)).toEqual(["a/b", "c"]);
  expect(stepsTo("", "")).toEqual([{ name: "", path: "" }]);
});
