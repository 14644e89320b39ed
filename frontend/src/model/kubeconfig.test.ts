import { describe, expect, it } from "vitest";
import { readKubeconfig } from "./kubeconfig";

const CONFIG = `
apiVersion: v1
kind: Config
current-context: prod
contexts:
  - {name: test, context: {cluster: lab, user: ada}}
  - {name: prod, context: {cluster: main, user: ada}}
clusters:
  - {name: lab, cluster: {server: "https://lab:6443"}}
  - {name: main, cluster: {server: "https://main:6443"}}
`;

describe("a kubeconfig at first sight", () => {
  it("names its contexts, the current one and that one's server", () => {
    expect(readKubeconfig(CONFIG)).toEqual({
      contexts: ["test", "prod"],
      current: "prod",
      server: "https://main:6443",
      problem: null,
    });
  });

  it("takes the first cluster where no context is current", () => {
    expect(readKubeconfig("clusters: [{cluster: {server: 'https://one'}}]")).toMatchObject({
      current: null,
      server: "https://one",
      problem: null,
    });
  });

  it.each([
    ["a: [1", "not valid YAML, at or before line 1"],
    ["a: &a [*a, *a]", "not valid YAML."],
    ["just text", "Not a kubeconfig"],
    ["kind: Pod", "Not a kubeconfig"],
  ])("says what is wrong with %j", (text, problem) => {
    expect(readKubeconfig(text).problem).toContain(problem);
  });

  it("has nothing to say about nothing", () => {
    expect(readKubeconfig("  ").problem).toBeNull();
  });
});
