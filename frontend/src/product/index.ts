export { useDeletionsQuestion } from "./deletions/useDeletionsQuestion";
export { EnvironmentHealth } from "./EnvironmentHealth";
export { EnvironmentDialog } from "./environments/EnvironmentDialog";
export { RemoveEnvironmentDialog } from "./environments/RemoveEnvironmentDialog";
export { UndeployDialog } from "./environments/UndeployDialog";
export { DeploymentState } from "./DeploymentState";
export { GivesUp } from "./GivesUp";
export { deploymentWord, markOf, worstOff } from "./health";
export { PlaceFields } from "./environments/PlaceFields";
export { useFirstPlace } from "./environments/usePlace";
export { useIdempotencyKey } from "./idempotency";
export { KeptObjects } from "./KeptObjects";
export { KindIcon } from "./KindIcon";
export { PreviewDialog } from "./preview/PreviewDialog";
export { useEnvironmentHealth, useLiveRun, useRunLog, useUnwell } from "./liveRun";
export { cureFor, explain } from "./problem";
export { useApprovalCount, useApprovals } from "./queries/approvals";
export { useClusters } from "./queries/clusters";
export {
  clustersKey,
  CUT_OFF_POLL_MS,
  runListsKey,
  runsKey,
  sessionKey,
  workflowKey,
  workflowsKey,
} from "./queries/keys";
export { useUpdateEnvironment } from "./queries/environments";
export { useCancelRun, useRetryRun } from "./queries/runs";
export { useTeamFeed, useTeamTopics } from "./queries/teamFeed";
export { useSession, useSignOut } from "./queries/session";
export { useVersions, versionsKey } from "./queries/versions";
export { useUpdateWorkflow, useWorkflow, useWorkflowMutation, useWorkflows } from "./queries/workflows";
export { ObjectLine } from "./ObjectLine";
export { ProtectedNote, useProtected } from "./ProtectedNote";
export { RemoveWorkflowDialog } from "./RemoveWorkflowDialog";
export { RunFailure } from "./RunFailure";
export { RunObjects } from "./RunObjects";
export { RunTime } from "./RunTime";
export { SandboxNotice, SandboxProgress } from "./SandboxProgress";
export { startedBy } from "./startedBy";
export { STATUS, stateOf, stepStatus, whyUnwell, type AnyStatus } from "./status";
export { StatusGlyph, StatusPill } from "./StatusGlyph";
export { valueText, Values } from "./Values";
export { versionTitle } from "./versionTitle";
