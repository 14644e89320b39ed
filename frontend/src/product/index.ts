export { KindIcon } from "./KindIcon";
export { useLiveRun, useRunLog, useUnwell } from "./liveRun";
export { cureFor, explain } from "./problem";
export { useClusters } from "./queries/clusters";
export { clustersKey, runsKey, sessionKey, workflowKey } from "./queries/keys";
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
export { PlaceFields } from "./environments/PlaceFields";
export { usePlace } from "./environments/usePlace";
export { useIdempotencyKey } from "./idempotency";
export { RemoveWorkflowDialog } from "./RemoveWorkflowDialog";
export { RunFailure } from "./RunFailure";
