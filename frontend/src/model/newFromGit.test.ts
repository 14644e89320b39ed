import { describe, expect, it } from "vitest";
import type { DetectedApp } from "@/contract";
import { draftOf, missingIn, nameOf, sentApp, wrongIn } from "./newFromGit";
import { variableRow } from "./sourceVariables";

const APP: DetectedApp = {
  id: "api",
  suggested: true,
  title: "Dockerfile, port 9000",
  name: "api",
  root: "api",
  kind: "dockerfile",
  language: "",
  framework: "",
  port: 9000,
  start: "",
  image: "",
  builder: {
    type: "dockerfile",
    dockerfile: "Dockerfile",
    text: "",
    target: "",
    args: { MODE: "prod" },
    platform: "",
    ignore: "node_modules",
    provenance: false,
    submodules: false,
    lfs: false,
    deploy_key: false,
    sbom: false,
  },
  plan: null,
  targets: [],
  reasons: [],
  questions: [{ field: "arguments.TOKEN", text: "", default: "", why: "" }],
  warnings: [],
  variables: [
    { name: "LOG_LEVEL", usage: "run", secret: false, value: "", path: "api/.env.example", line: 1 },
    { name: "DB_PASSWORD", usage: "run", secret: true, value: "", path: "api/.env.example", line: 2 },
    { name: "NPM_TOKEN", usage: "build", secret: true, value: "", path: "", line: 0 },
  ],
  hosts: ["a.example.com", "b.example.com"],
};

describe("an application that was detected", () => {
  it("is sent as it was found, without empty arguments and without variables that nobody gave a value", () => {
    expect(sentApp(draftOf(APP), APP)).toEqual({
      proposal: "api",
      name: "api",
      port: 9000,
      hosts: ["a.example.com", "b.example.com"],
      root: "api",
      builder: {
        type: "dockerfile",
        dockerfile: "Dockerfile",
        target: "",
        args: { MODE: "prod" },
        lfs: false,
        submodules: false,
        deploy_key: false,
      },
      variables: [{ key: "DB_PASSWORD", usage: "run", secret: true, value: "" }],
    });
  });

  it("is sent with what is fetched beside its commit, and with what steps sign in with", () => {
    const draft = { ...draftOf({ ...APP, builder: { ...APP.builder, lfs: true } }), deployKey: true };
    expect(sentApp(draft, APP)).toMatchObject({ builder: { lfs: true, submodules: false, deploy_key: true } });
    const key = { name: "default", usage: "ssh" as const, secret: true, value: "", path: "", line: 4 };
    const rows = draftOf({ ...APP, variables: [key] });
    expect(sentApp(rows, APP)).toMatchObject({ variables: [] });
  });

  it("says of each variable which line names it", () => {
    const secret = { name: "API_KEY", usage: "build" as const, secret: true, value: "", path: "", line: 3 };
    const rows = draftOf({ ...APP, variables: [...APP.variables, secret] }).variables;
    expect(rows.map(({ wanted }) => wanted)).toEqual([
      "api/.env.example:1",
      "api/.env.example:2",
      "Dockerfile",
      "Dockerfile:3",
    ]);
  });

  it("is an image that is there, or a Dockerfile kept with the source", () => {
    const image = draftOf({ ...APP, kind: "image", image: "redis:8", hosts: [] });
    expect(sentApp(image, APP)).toMatchObject({ ready_image: "redis:8", hosts: [] });
    expect(sentApp(image, APP)).not.toHaveProperty("builder");
    const written = { ...draftOf(APP), by: "written" as const, text: "FROM scratch\n" };
    expect(sentApp(written, APP).builder).toEqual({
      type: "written",
      text: "FROM scratch\n",
      ignore: "node_modules",
      target: "",
      args: { MODE: "prod" },
      lfs: false,
      submodules: false,
      deploy_key: false,
    });
  });

  it("has no Service without a port, and says what is wrong at its field", () => {
    const draft = { ...draftOf(APP), port: "", host: "" };
    expect(sentApp(draft, APP)).toMatchObject({ port: null, hosts: [] });
    expect(wrongIn(draft)).toEqual({});
    expect(Object.keys(wrongIn({ ...draft, name: "3d", port: "70000", by: "written" }))).toEqual([
      "name",
      "port",
      "text",
    ]);
  });
});

describe("what is missing", () => {
  it("is a choice, a correction, or another name", () => {
    const draft = draftOf(APP);
    expect(missingIn([{ ...draft, isChosen: false }])).toBe("Choose what is built.");
    expect(missingIn([{ ...draft, name: "A" }])).toBe("Correct A.");
    expect(missingIn([draft, { ...draft, id: "b" }])).toMatch(/api is there twice/);
    expect(missingIn([draft])).toBe("");
  });
});

it("a workflow is called like its only application, or like the repository", () => {
  const draft = draftOf(APP);
  expect(nameOf("https://git.example.com/team/shop.git", [draft])).toBe("api");
  expect(nameOf("https://git.example.com/team/shop.git/", [draft, draft])).toBe("shop");
  expect(nameOf("git@git.example.com:shop.git", [draft, draft])).toBe("shop");
  expect(variableRow().key).not.toBe(variableRow().key);
});
