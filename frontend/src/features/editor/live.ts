/** The live state of nodes and runs in the chosen environment. */
import { useCallback, useMemo } from "react";
import type { NodeStatus, Run } from "@/contract";
import { useConnection, useLiveTopic, useLiveValue, useLiveValues } from "@/realtime";
import { useView } from "./state/session";

export type { NodeStatus };

export function environmentTopic(environmentId: string | null): string | null {
  return environmentId === null ? null : `environment:${environmentId}`;
}

/**
 * The status of one node in the chosen environment; only the components of this node render when it changes.
 * While the connection is down the status counts as stale: nothing is shown as healthy from old facts.
 */
export function useNodeLive(nodeId: string): NodeStatus | undefined {
  const environmentId = useView((state) => state.environmentId);
  const status = useLiveValue<NodeStatus>(environmentTopic(environmentId), `node:${nodeId}`);
  const silentSince = useSilentSince();
  return useMemo(() => asOf(status, silentSince), [status, silentSince]);
}

/** The same of any node; renders at each change of the environment, so only for what shows all nodes at once. */
export function useNodeStatuses(): (nodeId: string) => NodeStatus | undefined {
  const values = useLiveValues(environmentTopic(useView((state) => state.environmentId)));
  const silentSince = useSilentSince();
  return useCallback(
    (nodeId) => asOf(values.get(`node:${nodeId}`) as NodeStatus | undefined, silentSince),
    [values, silentSince],
  );
}

/** Whether the statuses of the chosen environment have arrived at all; the reason where they are refused. */
export function useStatusesArrived(): { readonly state: "waiting" | "live" | "refused"; readonly why: string } {
  const topic = environmentTopic(useView((state) => state.environmentId));
  const state = useLiveTopic(topic, (live) => live.state);
  const why = useLiveTopic(topic, (live) => live.error?.detail ?? "");
  return { state, why };
}

function useSilentSince(): number | null {
  return useConnection((connection) =>
    connection.type === "waiting" || connection.type === "connecting" ? connection.since : null,
  );
}

function asOf(status: NodeStatus | undefined, silentSince: number | null): NodeStatus | undefined {
  return status && silentSince !== null && status.stale_since === null
    ? {
        ...status,
        stale_since: new Date(silentSince).toISOString(),
        stale_reason: "This page has no connection to KubeOrch",
      }
    : status;
}

/** The active or last run of the chosen environment. */
export function useRunLive(): Run | undefined {
  const environmentId = useView((state) => state.environmentId);
  return useLiveValue<Run>(environmentTopic(environmentId), "run");
}
