import { describe, expect, it } from "vitest";
import { heldFields } from "./runs";
import type { Step } from "./types";

const failed = { kind: "apply", state: "failed" } as const;
const detail = "Deployment web has fields that others manage with other values";
const flux = { manager: "flux", paths: ['.spec.template.spec.containers[name="web"].image', ".metadata.labels.tier"] };
const kubectl = { manager: "kubectl", paths: [".spec.replicas"] };
const step = (name: string, error: Step["error"]) => ({
  node_id: name,
  ref: { api_version: "apps/v1", kind: "Deployment", namespace: "shop", name },
  error,
});

describe("fields of others that stopped a run", () => {
  it("are told by object, manager and path", () => {
    const steps = [
      step("web", { code: "cluster.field_conflict", detail, owners: [flux, kubectl] }),
      step("api", { code: "cluster.forbidden", detail: "no" }),
      step("db", null),
    ];
    expect(heldFields(failed, steps)).toEqual([
      {
        object: "Deployment web",
        nodeId: "web",
        by: [flux, kubectl],
      },
    ]);
  });

  it("are offered even where nobody is named", () => {
    expect(heldFields(failed, [step("web", { code: "cluster.field_conflict", detail: "held" })])).toEqual([
      { object: "Deployment web", nodeId: "web", by: [] },
    ]);
  });

  it("are nothing for a run that goes on, or that deletes", () => {
    const steps = [step("web", { code: "cluster.field_conflict", detail, owners: [kubectl] })];
    expect(heldFields({ kind: "apply", state: "applying" }, steps)).toEqual([]);
    expect(heldFields({ kind: "destroy", state: "failed" }, steps)).toEqual([]);
  });
});
