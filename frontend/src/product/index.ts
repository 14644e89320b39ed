export { KindIcon } from "./KindIcon";
export { useLiveRun, useRunLog, useUnwell } from "./liveRun";
export { cureFor, explain } from "./problem";
export { useClusters } from "./queries/clusters";
export { clustersKey, runKey, runsKey, sessionKey, workflowKey, workflowsKey } from "./queries/keys";
export { useCancelRun, useRetryRun, useTakeOver } from "./queries/runs";
export { useSession, useSignOut } from "./queries/session";
export {
  useArchiveWorkflow,
  useCreateEnvironment,
  useUpdateWorkflow,
  useWorkflow,
  useWorkflowMutation,
  useWorkflows,
} from "./queries/workflows";
export { RunTime } from "./RunTime";
export { STATUS, type AnyStatus } from "./status";
export { StatusGlyph, StatusPill } from "./StatusGlyph";
export { TakeOver } from "./TakeOver";
export { NewEnvironmentDialog } from "./environments/NewEnvironmentDialog";
export { PlaceFields, type Place } from "./environments/PlaceFields";
export { usePlace } from "./environments/usePlace";
export { useIdempotencyKey } from "./idempotency";
export { RemoveWorkflowDialog } from "./RemoveWorkflowDialog";
export { RunFailure } from "./RunFailure";
