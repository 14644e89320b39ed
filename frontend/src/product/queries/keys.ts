/** Keys of the queries that several modules invalidate. */
export const sessionKey = ["session"] as const;
export const clustersKey = ["clusters"] as const;
export const workflowsKey = ["workflows"] as const;
export const workflowListsKey = [...workflowsKey, "list"] as const;
export const workflowKey = (workflowId: string) => [...workflowsKey, "one", workflowId] as const;
/** What a run would take for the sources of a workflow; all of them begin so. */
export const imagesKey = (workflowId: string) => [...workflowKey(workflowId), "images"] as const;
export const isImages = ([all, one, , part]: readonly unknown[]): boolean =>
  all === workflowsKey[0] && one === "one" && part === "images";
export const runsKey = ["runs"] as const;
export const runListsKey = [...runsKey, "list"] as const;
export const runKey = (runId: string) => [...runsKey, "one", runId] as const;

export const buildsKey = ["builds"] as const;
export const buildListsKey = [...buildsKey, "list"] as const;

export const approvalsKey = ["approvals"] as const;

/** How often lists are polled while the socket is not connected. */
export const CUT_OFF_POLL_MS = 10_000;
