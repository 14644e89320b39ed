import { describe, expect, it } from "vitest";
import type { NodeStatus } from "@/contract";
import { troubleOf } from "./trouble";

function aStatus(part: Partial<NodeStatus>): NodeStatus {
  return { health: "healthy", reason: "", evidence: [], drifted: false, ...part } as NodeStatus;
}
const pulling = { reason: "ImagePullBackOff" } as NodeStatus["evidence"][number];

describe("the trouble on a card", () => {
  it.each<[string, NodeStatus | undefined, string | undefined]>([
    ["nothing before the first status", undefined, undefined],
    ["nothing while all is well", aStatus({}), undefined],
    ["nothing while it progresses", aStatus({ health: "progressing", reason: "1 of 2 pods" }), undefined],
    [
      "the reason of Kubernetes",
      aStatus({ health: "failed", reason: "cannot pull", evidence: [pulling] }),
      "ImagePullBackOff",
    ],
    ["else the sentence", aStatus({ health: "degraded", reason: "1 of 2 pods ready" }), "1 of 2 pods ready."],
    ["that it is gone", aStatus({ health: "missing" }), "Not in the cluster"],
  ])("is %s", (_what, status, word) => {
    expect(troubleOf(status)?.word).toBe(word);
  });
});
