/** What the cluster says, by node: slices of the environment's live topic. */
import type { NodeStatus, Run } from "@/api";
import { useConnection, useLiveValue } from "@/realtime";
import { useView } from "./state/session";

export type { NodeStatus };

export function environmentTopic(environmentId: string | null): string | null {
  return environmentId === null ? null : `environment:${environmentId}`;
}

/** The status of one node in the chosen environment; only this node's component wakes when it changes. */
export function useNodeLive(nodeId: string): NodeStatus | undefined {
  const environmentId = useView((state) => state.environmentId);
  return useLiveValue<NodeStatus>(environmentTopic(environmentId), `node:${nodeId}`);
}

/** The active or last run of the chosen environment. */
export function useRunLive(): Run | undefined {
  const environmentId = useView((state) => state.environmentId);
  return useLiveValue<Run>(environmentTopic(environmentId), "run");
}

/** Since when this page has heard nothing: what is shown is then what was last known. */
export function useSilence(): boolean {
  return useConnection((connection) => connection.type !== "open" && connection.type !== "idle");
}
