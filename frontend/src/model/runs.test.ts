import { describe, expect, it } from "vitest";
import type { RunState, Step } from "@/contract";
import { heldFields, isRunning, speakerOf } from "./runs";

describe("a run", () => {
  it.each<[RunState, boolean]>([
    ["queued", true],
    ["planning", true],
    ["applying", true],
    ["verifying", true],
    ["succeeded", false],
    ["failed", false],
    ["canceled", false],
  ])("%s is running: %s", (state, running) => {
    expect(isRunning(state)).toBe(running);
  });
});

const failed = { kind: "apply", state: "failed" } as const;
const detail = "Deployment web conflicts with other field managers: replicas of kubectl";
const flux = { manager: "flux", paths: ['.spec.template.spec.containers[name="web"].image', ".metadata.labels.tier"] };
const kubectl = { manager: "kubectl", paths: [".spec.replicas"] };
const refused = (name: string, error: Step["error"]) => ({
  node_id: name,
  ref: { api_version: "apps/v1", kind: "Deployment", namespace: "shop", name },
  error,
});

describe("fields of others that stopped a run", () => {
  it("are told by object, manager and path", () => {
    const steps = [
      refused("web", { code: "cluster.field_conflict", detail, owners: [flux, kubectl] }),
      refused("api", { code: "cluster.forbidden", detail: "no" }),
      refused("db", null),
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
    expect(heldFields(failed, [refused("web", { code: "cluster.field_conflict", detail: "held" })])).toEqual([
      { object: "Deployment web", nodeId: "web", by: [] },
    ]);
  });

  it("are nothing for a run that goes on, or that deletes", () => {
    const steps = [refused("web", { code: "cluster.field_conflict", detail, owners: [kubectl] })];
    expect(heldFields({ kind: "apply", state: "applying" }, steps)).toEqual([]);
    expect(heldFields({ kind: "destroy", state: "failed" }, steps)).toEqual([]);
  });
});

const step = (node_id: string, kind: string, name: string) => ({
  node_id,
  ref: { api_version: "v1", kind, namespace: "shop", name },
});
const steps = [
  step("queue", "StatefulSet", "queue"),
  step("web", "Deployment", "web"),
  step("queue", "Service", "queue-headless"),
];

describe("who speaks in a run's log", () => {
  it("is the object that the line names, of several that belong to one node", () => {
    expect(speakerOf({ node_id: "queue", message: "applied StatefulSet queue" }, steps)).toBe("queue");
    expect(speakerOf({ node_id: "queue", message: "applied Service queue-headless" }, steps)).toBe("queue-headless");
    expect(speakerOf({ node_id: "queue", message: "Service queue-headless is still being deleted." }, steps)).toBe(
      "queue-headless",
    );
  });

  it("is the node's first object where the line names none", () => {
    expect(speakerOf({ node_id: "queue", message: "tried again in a moment" }, steps)).toBe("queue");
  });

  it("is the node itself where it has no object, and nobody for a line of the run", () => {
    expect(speakerOf({ node_id: "gone", message: "left as it is" }, steps)).toBe("gone");
    expect(speakerOf({ node_id: null, message: "planned 3 objects in 2 waves" }, steps)).toBeNull();
  });
});
