import { expect, test } from "vitest";
import { besideCompose, commonFolder, isCompose, isManifest, tooMuch, usualComposeFiles } from "./importFiles";

const file = (path: string, text = "services: {}\n") => ({ path, text });

test("the usual names nearest to the top are merged, with their override", () => {
  const files = [
    file("old/compose.yaml"),
    file("compose.yml"),
    file("compose.override.yml"),
    file("other.yaml"),
    file("conf/a.conf", "services:"),
  ];
  expect(usualComposeFiles(files)).toEqual(["compose.yml", "compose.override.yml"]);
  expect(usualComposeFiles([file("b.yaml"), file("a.yaml"), file("x.txt")])).toEqual(["b.yaml", "a.yaml"]);
  expect(isCompose(file("a.yaml", "nodes: []\n"))).toBe(false);
  expect(isManifest(file("a.yaml", "apiVersion: v1\nkind: Pod\n"))).toBe(true);
  expect(isManifest(file("a.yaml", "services:\n  a: {}\n"))).toBe(false);
});

test("objects beside a Compose project are named, since they are left alone", () => {
  const files = [file("compose.yaml"), file("k8s/web.yaml", "apiVersion: v1\nkind: Service\n"), file("a.txt", "x")];
  expect(besideCompose(files).map(({ path }) => path)).toEqual(["k8s/web.yaml"]);
});

test("the folder in which all files lie is left off", () => {
  expect(commonFolder(["shop/compose.yaml", "shop/conf/nginx.conf"])).toBe("shop");
  expect(commonFolder(["compose.yaml", "conf/nginx.conf"])).toBe("");
  expect(commonFolder([])).toBe("");
});

test("too many, too large or too much is said with the cure", () => {
  const rows = (count: number, bytes: number) => Array.from({ length: count }, (_, n) => ({ path: `f${n}`, bytes }));
  expect(tooMuch(rows(50, 10))).toBeNull();
  expect(tooMuch(rows(51, 10))).toContain("50 files");
  expect(tooMuch(rows(1, 1_000_001))).toContain("f0 is larger than 1 MB");
  expect(tooMuch(rows(6, 900_000))).toContain("5 MB");
});
