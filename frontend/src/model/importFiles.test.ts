import { expect, test } from "vitest";
import {
  besideCompose,
  buildsImages,
  commonFolder,
  excerptOf,
  isCompose,
  isManifest,
  neededFiles,
  projectName,
  readWith,
  chartIn,
  kustomizationsIn,
  tooMuch,
  usualComposeFiles,
} from "./importFiles";

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
  expect(tooMuch(rows(501, 10))).toContain("500 files");
  expect(tooMuch(rows(1, 1_000_001))).toContain("f0 is larger than 1 MB");
  expect(tooMuch(rows(6, 900_000))).toContain("5 MB");
});

test("of a large folder only what the project names is needed", () => {
  const compose = [
    "services:",
    "  web:",
    "    env_file: [./web.env]",
    "    volumes: ['./conf:/etc/web:ro', '../outside:/x', data:/data]",
    "    extends: {file: common/base.yaml, service: base}",
  ].join("\n");
  const base = "services:\n  base:\n    volumes: ['./own.txt:/own']\n";
  const texts = [
    { path: "compose.yaml", text: compose },
    { path: "common/base.yaml", text: base },
    { path: "docs/x.yaml", text: "a: 1" },
  ];
  const paths = [
    ...texts.map(({ path }) => path),
    ...[".env", "web.env", "conf/a.conf", "conf/deep/b.conf", "common/own.txt", "src/main.ts", "README.md"],
  ];
  expect([...(neededFiles(paths, texts) ?? [])].sort()).toEqual(
    [".env", "common/base.yaml", "common/own.txt", "compose.yaml", "conf/a.conf", "conf/deep/b.conf", "web.env"].sort(),
  );
  const objects = [{ path: "k8s/web.yaml", text: "apiVersion: v1\nkind: Service\n" }];
  expect([...(neededFiles(["k8s/web.yaml", "x.md"], objects) ?? [])]).toEqual(["k8s/web.yaml"]);
  expect(neededFiles(["x.md"], [])).toBeNull();
});

test("files that the merged ones name are read with them, and those that those name", () => {
  const files = [
    { path: "app/compose.yaml", text: "include: [../lib/more.yaml]\nservices: {a: {extends: {file: common.yaml}}}\n" },
    { path: "app/common.yaml", text: "services: {}\n" },
    { path: "lib/more.yaml", text: "services: {b: {extends: {file: ./deep.yaml}}}\n" },
    { path: "lib/deep.yaml", text: "services: {}\n" },
    { path: "app/other.yaml", text: "services: {}\n" },
  ];
  expect([...readWith(["app/compose.yaml"], files)].sort()).toEqual(
    ["app/compose.yaml", "app/common.yaml", "lib/deep.yaml", "lib/more.yaml"].sort(),
  );
});

test("a project is called as the last of its files says", () => {
  const files = [
    { path: "a.yaml", text: "name: first\nservices: {}\n" },
    { path: "b.yaml", text: "name: 'second'\n" },
    { path: "c.yaml", text: "services: {}\n" },
  ];
  expect(projectName(files, ["a.yaml", "b.yaml", "c.yaml"])).toBe("second");
  expect(projectName(files, ["c.yaml"])).toBe("");
});

test("a line of a file is shown with its neighbours", () => {
  const text = "one\r\ntwo\nthree\nfour\nfive";
  expect(excerptOf(text, 4).map(({ number, content }) => `${number} ${content}`)).toEqual([
    "2 two",
    "3 three",
    "4 four",
    "5 five",
  ]);
  expect(excerptOf(text, 1).map(({ number }) => number)).toEqual([1, 2, 3]);
});

test("the chart nearest to the top is found with its files of values, or the archive of one", () => {
  const chart = chartIn([
    file("charts/db/Chart.yaml", "name: db\n"),
    file("Chart.yaml", 'apiVersion: v2\nname: "shop"\nversion: 1.2.3 # newest\n'),
    file("values-prod.yaml", "a: 1"),
    file("values.yaml", "a: 0"),
    file("templates/web.yaml", "x"),
  ]);
  expect(chart).toMatchObject({ name: "shop", version: "1.2.3" });
  expect(chart?.values.map(({ path }) => path)).toEqual(["values.yaml", "values-prod.yaml"]);
  expect(chartIn([file("shop-1.tgz", "")])?.name).toBe("shop-1");
  expect(chartIn([file("values.yaml", "a: 1")])).toBeNull();
});

test("kustomizations are found by the names of their files", () => {
  const files = [file("kustomization.yaml", ""), file("overlays/prod/kustomization.yml", ""), file("a/x.yaml", "")];
  expect(kustomizationsIn(files)).toEqual([".", "overlays/prod"]);
});

test("a Compose file builds images where a service has the key, in either style", () => {
  expect(buildsImages(file("a.yaml", "services:\n  web:\n    build: .\n"))).toBe(true);
  expect(buildsImages(file("a.yaml", "services: {web: {build: {context: .}}}\n"))).toBe(true);
  expect(buildsImages(file("a.yaml", "services:\n  web: {image: rebuild:1}\n"))).toBe(false);
});
