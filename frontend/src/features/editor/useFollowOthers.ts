import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { fetchGraph } from "@/api";
import type { Named } from "@/contract";
import { documentFromLists } from "@/model/records";
import { useSession, workflowKey } from "@/product";
import { useLiveValue, useTopic } from "@/realtime";
import { toast } from "@/ui";
import { useDocument, useEditor, useView } from "./state/session";

interface WorkflowEvent {
  readonly rev: number;
  readonly name: string;
  readonly state: string;
  readonly updated_by: Named | null;
}

/** When the workflow is saved elsewhere while nothing is unsaved here, the canvas follows; undo takes it back. */
export function useFollowOthers(workflowId: string): void {
  const session = useEditor();
  const client = useQueryClient();
  const me = useSession().data?.user?.id;
  const topic = `workflow:${workflowId}`;
  useTopic(topic);
  const event = useLiveValue<WorkflowEvent>(topic, "workflow");
  const saved = useDocument((state) => state.save.type === "saved");
  const restoring = useView((state) => state.restoring);
  const rev = event?.rev ?? 0;
  const by = event?.updated_by ?? null;
  const title =
    by !== null && by.id === me
      ? "You edited this workflow in another tab"
      : `${by?.name ?? "Somebody else"} edited this workflow`;
  useEffect(() => {
    if (!saved || restoring || rev <= session.document.getState().save.rev) return;
    const aborter = new AbortController();
    void fetchGraph(workflowId, aborter.signal)
      .then((graph) => {
        const { save, rebase } = session.document.getState();
        if (save.type !== "saved" || graph.rev <= save.rev) return;
        const theirs = documentFromLists(graph);
        rebase(graph.rev, theirs, theirs, "edits made elsewhere", Date.now());
        toast({ key: "others", title, detail: "The edits are on the canvas now." });
      })
      // The next event or the next save tries again.
      .catch(() => undefined);
    return () => aborter.abort();
  }, [rev, saved, restoring, title, workflowId, session]);
  const wasThere = useRef(false);
  useEffect(() => {
    // Its end is told by nothing being there any more.
    if (wasThere.current && !event) void client.invalidateQueries({ queryKey: workflowKey(workflowId), exact: true });
    wasThere.current = Boolean(event);
  }, [event, client, workflowId]);
  const headline = event ? `${event.name} ${event.state}` : null;
  useEffect(() => {
    if (headline !== null) void client.invalidateQueries({ queryKey: workflowKey(workflowId), exact: true });
  }, [headline, client, workflowId]);
}
