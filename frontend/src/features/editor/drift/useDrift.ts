import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { fetchGraph, fetchNodeDrift } from "@/api";
import type { NodeDrift } from "@/model/driftWords";
import { documentFromLists } from "@/model/records";
import { useDecide } from "@/product";
import { useLiveValue } from "@/realtime";
import { environmentTopic } from "../live";
import { useEditor, useView, type EditorSession } from "../state/session";

/** What others changed of a node in the chosen environment; undefined where nothing is known to differ. */
export function useNodeDrift(nodeId: string): NodeDrift | undefined {
  const environmentId = useView((state) => state.environmentId);
  const drift = useLiveValue<NodeDrift | null>(environmentTopic(environmentId), `drift:${nodeId}`);
  return drift && (drift.count > 0 || drift.contested || drift.missing > 0) ? drift : undefined;
}

const driftKey = (environmentId: string, nodeId: string) => ["drift", environmentId, nodeId] as const;

/**
 * Field by field, as the watch has found it; read again when that changes. `askNow` asks the cluster, as is done at once
 * where the watch has found nothing: what others only added is no drift, and known to the cluster alone.
 */
export function useDriftOf(environmentId: string, nodeId: string, seen: NodeDrift | undefined) {
  const client = useQueryClient();
  const stamp = seen ? `${seen.count} ${seen.contested} ${seen.missing} ${seen.at}` : "none";
  const [fresh, setFresh] = useState<string | null>(null);
  // What was asked for by hand counts until the watch has found something else.
  const isFresh = fresh === stamp || seen === undefined;
  const query = useQuery({
    queryKey: [...driftKey(environmentId, nodeId), stamp, isFresh],
    queryFn: ({ signal }) => fetchNodeDrift(environmentId, nodeId, isFresh, signal),
    staleTime: 0,
  });
  const askNow = (): void => {
    if (isFresh) void client.invalidateQueries({ queryKey: driftKey(environmentId, nodeId) });
    setFresh(stamp);
  };
  return { ...query, askNow };
}

/** Carries out what a person decides; a run that comes of it is shown, and a changed graph is on the canvas. */
export function useDecideHere(environmentId: string) {
  const session = useEditor();
  return useDecide({
    environmentId,
    onRun: (run) => showRun(session, run),
    changingGraph: (change) => changingGraph(session, change),
  });
}

function showRun({ view }: EditorSession, run: { readonly id: string }): void {
  view.setState({ runId: run.id, drawer: "run" });
}

/** The server changes the saved graph: unsaved edits go first, and the change is one step of undo here. */
export async function changingGraph(session: EditorSession, change: () => Promise<unknown>): Promise<void> {
  const { view, autosaver, workflowId, document } = session;
  view.setState({ restoring: true });
  try {
    await autosaver.flush();
    await change();
    const graph = await fetchGraph(workflowId);
    const next = documentFromLists(graph);
    document.getState().rebase(graph.rev, next, next, "adopt values of the cluster", Date.now());
  } finally {
    view.setState({ restoring: false });
  }
}
