import type { NodeStatus } from "@/contract";
import { sentence } from "@/model/words";

/** What is wrong with a node, as the card shows it: the reason that Kubernetes gives if there is one, and a sentence. */
export function troubleOf(status: NodeStatus | undefined): { word: string; why: string } | null {
  if (!status) return null;
  switch (status.health) {
    case "failed":
    case "degraded":
      return {
        word: status.evidence[0]?.reason || sentence(status.reason || status.health),
        why: sentence(status.reason || status.health),
      };
    case "missing":
      return { word: "Not in the cluster", why: status.reason || "It was removed from the cluster." };
    case "healthy":
    case "present":
    case "progressing":
    case "suspended":
    case "unknown":
      return null;
  }
}
