import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { isRunning } from "@/model/runs";
import { workflowKey } from "@/product";
import { useRunLive } from "./live";

/** Reads the workflow again (its deployed version, its active run) when a run begins or ends. */
export function useFollowRun(workflowId: string): void {
  const client = useQueryClient();
  const run = useRunLive();
  const stage = run ? `${run.id} ${isRunning(run.state)}` : null;
  useEffect(() => {
    if (stage !== null) void client.invalidateQueries({ queryKey: workflowKey(workflowId) });
  }, [stage, client, workflowId]);
}
