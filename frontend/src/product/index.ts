export { InsideProvider, useContainers, useInside, type Inside } from "./containers";
export { useDeletionsQuestion } from "./deletions/useDeletionsQuestion";
export { DecideMenu } from "./drift/DecideMenu";
export { driftKey } from "./drift/keys";
export { LeftField } from "./drift/LeftField";
export { LeftFields } from "./drift/LeftFields";
export { AddedNote, ContestNote, HealingNote } from "./drift/notes";
export { SelfHealHolds } from "./drift/SelfHealHolds";
export { useDecide, type DriftDecision } from "./drift/useDecide";
export { useLeftOf, useNodeOwners, useTakeBack, useYields, type LeftOfNode } from "./drift/useLeft";
export { EnvironmentHealth } from "./EnvironmentHealth";
export { EnvironmentDialog } from "./environments/EnvironmentDialog";
export { RemoveEnvironmentDialog } from "./environments/RemoveEnvironmentDialog";
export { UndeployDialog } from "./environments/UndeployDialog";
export { UsageBar, UsageTrack } from "./usage/UsageBar";
export { Findings } from "./diagnosis/Findings";
export { DeploymentState } from "./DeploymentState";
export { GivesUp } from "./GivesUp";
export { deploymentWord, markOf, worstOff } from "./health";
export { firstCluster, PlaceFields } from "./environments/PlaceFields";
export { useFirstPlace, type FirstPlace } from "./environments/usePlace";
export { PathPicker } from "./git/PathPicker";
export { gitConnectionsKey, useGitConnections } from "./git/queries";
export { RepositoryFields } from "./git/RepositoryFields";
export { useIdempotencyKey } from "./idempotency";
export { allOf, NO_FILES, pastedAs, textFile, useChosenFiles, withFiles } from "./imports/chosenFiles";
export { useKeptForm } from "./imports/useKeptForm";
export { FileDrop } from "./imports/FileDrop";
export { chosenFiles, droppedFiles, readFiles, type FoundFile } from "./imports/readFiles";
export { useOpenImport } from "./imports/useOpenImport";
export { KeptObjects } from "./KeptObjects";
export { KindIcon } from "./KindIcon";
export { PreviewDialog } from "./preview/PreviewDialog";
export { useEnvironmentHealth, useLiveRun, useRunLog, useUnwell } from "./liveRun";
export { cureFor, explain } from "./problem";
export { useApprovalCount, useApprovals, useAskedPlans, useDecisions, useWithdraw } from "./queries/approvals";
export { useCancelBuild, useSourceBuilds, useSourceNamed, useStartBuild } from "./queries/builds";
export { useClusters, useNamespaces } from "./queries/clusters";
export {
  buildListsKey,
  buildsKey,
  clustersKey,
  CUT_OFF_POLL_MS,
  imagesKey,
  isImages,
  runListsKey,
  runsKey,
  sessionKey,
  workflowKey,
} from "./queries/keys";
export { useUpdateEnvironment } from "./queries/environments";
export { resourceKey, usePossibleActions } from "./queries/resources";
export { useCancelRun, useRetryRun } from "./queries/runs";
export { useTeamFeed, useTeamTopics } from "./queries/teamFeed";
export { onSignedOutElsewhere, useForgottenFiles, useSession, useSignOut } from "./queries/session";
export { useVersions, versionsKey } from "./queries/versions";
export { useUpdateWorkflow, useWorkflow, useWorkflowMutation, useWorkflows } from "./queries/workflows";
export { ObjectLine } from "./ObjectLine";
export { ProtectedNote, useProtected } from "./ProtectedNote";
export { RemoveWorkflowDialog } from "./RemoveWorkflowDialog";
export { kindId, resourcePath } from "./resources/address";
export type { ClusterSection, ResourceTab, ResourceTabProps, SectionProps } from "./resources/tables";
export { RunFailure } from "./RunFailure";
export { RunObjects } from "./RunObjects";
export { RunTime } from "./RunTime";
export { SandboxNotice, SandboxProgress } from "./SandboxProgress";
export { TakenImages } from "./TakenImages";
export { PickRows, usePicking } from "./PickRows";
export { registriesKey, useEmbeddedRegistry, useRegistries } from "./registries/queries";
export { TeamSelect } from "./TeamSelect";
export { useForgetSecret, useSecretKeys } from "./secrets/queries";
export { SecretFields } from "./secrets/SecretFields";
export { SecretKeyList } from "./secrets/SecretKeyList";
export { SetSecretsDialog } from "./secrets/SetSecretsDialog";
export { DetectAgain } from "./sources/DetectAgain";
export { useCancelDetection, useDetection, useFollowedDetection, useStartDetection } from "./sources/detections";
export { VariableRows } from "./sources/VariableRows";
export { startedBy } from "./startedBy";
export { useTeamChoice } from "./useTeamChoice";
export { STATUS, stateOf, stepStatus, whyUnwell, type AnyStatus } from "./status";
export { StatusGlyph, StatusPill } from "./StatusGlyph";
export { Values, valueText, ValueText } from "./Values";
export { ApprovalState } from "./preview/ApprovalState";
export { Lacking } from "./preview/Lacking";
export { STANDING, StandingRows } from "./preview/StandingPlans";
export { versionTitle } from "./versionTitle";
export { TestSteps } from "./TestSteps";
export { CertificateFacts } from "./tested/CertificateFacts";
export { ExpiryTag, isNear } from "./tested/ExpiryTag";
export { NameField } from "./tested/NameField";
export { EditRemove, TestTrouble } from "./tested/PanelParts";
export { PemField } from "./tested/PemField";
export { TestedDialog } from "./tested/TestedDialog";
export { useOwner } from "./tested/useOwner";
export { useTrial } from "./tested/useTrial";
