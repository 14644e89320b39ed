import { describe, expect, it } from "vitest";
import type { OwnedField } from "@/contract";
import { belowField, ownersAt, sayOwner } from "./owners";

const owned = (path: string, name: string, more: Partial<OwnedField> = {}): OwnedField => ({
  ref: { api_version: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" },
  node_id: "web",
  path,
  manager: name,
  operation: "Update",
  subresource: "",
  at: "2030-01-01T00:00:00Z",
  known: { sort: name === "kubeorch" ? "ours" : "other", name },
  run: null,
  built: null,
  ...more,
});
const named = (owners: ReturnType<typeof ownersAt>): string[] => owners.map(({ owner }) => owner.manager);

describe("what of a field stands at a path", () => {
  it.each([
    ["spec.schedule", "spec.schedule", ""],
    ["data[app.properties]", "data", "app.properties"],
    ["data.EXTRA", "data", "EXTRA"],
    ["database", "data", null],
    ["spec.template.spec.containers[name=web].env[name=LEVEL].value", "spec.template.spec.containers[].env", "LEVEL"],
    ["spec.template.spec.containers[name=proxy].env[name=LEVEL].value", "spec.template.spec.containers[].env", null],
    ["metadata.finalizers[=example.com/held]", "metadata.finalizers", "example.com/held"],
  ])("%s of %s is %j", (path, apiPath, below) => {
    expect(belowField(path, apiPath, "web")).toBe(below);
  });
});

describe("the owners of a field of the form", () => {
  const all = [
    owned("spec.replicas", "kubeorch"),
    owned("spec.replicas", "autoscaler"),
    owned("spec.template.spec.containers[name=web].image", "kubeorch"),
    owned("spec.template.spec.containers[name=proxy].image", "injector"),
    owned("data.COLOUR", "kubectl"),
    owned("data.SIZE", "kubectl", { at: "2031-01-01T00:00:00Z" }),
    owned("database", "nobody"),
  ];

  it("are found by the path that the API knows it by, others before us", () => {
    expect(named(ownersAt(all, "spec.replicas", "web"))).toEqual(["autoscaler", "kubeorch"]);
  });

  it("of the node's own container are not those of a sidecar", () => {
    expect(named(ownersAt(all, "spec.template.spec.containers[].image", "web"))).toEqual(["kubeorch"]);
  });

  it("of a map are those of its keys, each once with its last write", () => {
    const [kubectl, ...more] = ownersAt(all, "data", "web");
    expect([kubectl?.owner.at, kubectl?.keys, more]).toEqual(["2031-01-01T00:00:00Z", ["COLOUR", "SIZE"], []]);
  });

  it("are said as people call them, ours with the run", () => {
    const run = { id: "r", number: 5, version: 3, by: { id: "u", name: "Ada" } };
    expect(sayOwner(owned("spec.replicas", "kubeorch", { run }))).toBe("run #5 (v3) by Ada");
    const built = { source: "shop", number: 7, commit: "3f9ac21b04de" };
    expect(sayOwner(owned("image", "kubeorch", { run, built }))).toBe(
      "run #5 (v3) by Ada, build #7 of shop at 3f9ac21",
    );
    expect(sayOwner(owned("spec.replicas", "autoscaler"))).toBe("autoscaler");
  });
});
