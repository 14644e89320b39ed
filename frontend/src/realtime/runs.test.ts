import { describe, expect, it } from "vitest";
import { speakerOf } from "./runs";

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
