/**
 * The types of what the server sends, under the names that the page uses; every room may import them. They come from
 * the OpenAPI document of the server (`make types`). What it leaves open is typed by hand, each with the reason.
 */
import type { components } from "./schema";

export type { components };

type Schemas = components["schemas"];
type Replace<Shape, Exact> = Omit<Shape, keyof Exact> & Exact;

export type Role = Schemas["RoleEnum"];
/** Who may register: the first person always, later ones with an invite or freely. */
export type SignupMode = Schemas["SessionSignupEnum"];
export type Named = Schemas["Named"];
export interface Page<T> {
  results: T[];
  next: string | null;
}

export type TeamRole = Schemas["TeamRole"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type Settings = Schemas["Settings"];
export type SignedIn = Schemas["SignedIn"];
export type ApiToken = Schemas["Token"];
export type NewApiToken = Schemas["CreatedToken"];
export type TokenScope = Schemas["ScopeEnum"];
/** An account of the instance, as its administrators see it. */
export type Account = Schemas["Account"];
/** The code is shown once; with it the person sets a new password. */
export type ResetCode = Schemas["ResetCode"];
export type Invite = Schemas["Invite"];
/** The code is shown once, when the invite is created. */
export type NewInvite = Schemas["CreatedInvite"];
export type Member = Schemas["Member"];

export type Package = Schemas["Package"];
export type Licences = Schemas["Licences"];

export type ClusterState = Schemas["ClusterStateEnum"];
export type ClusterPhase = Schemas["PhaseEnum"];
export type Cluster = Schemas["Cluster"];
/** Credentials in another way than a kubeconfig. */
type GivenForm = Schemas["CredentialsInputRequest"];
export type Credentials = Pick<GivenForm, "way"> & Partial<GivenForm>;
export type ConnectWay = Credentials["way"];
/** What a test of a connection found, step by step. */
export type ConnectionTest = Schemas["Test"];
export type ConnectionStep = Schemas["TestStep"];
export type Certificate = Schemas["Certificate"];
export type ClusterAccount = Schemas["ClusterAccount"];
export type ClusterHistory = Schemas["History"];
export type ClusterLogEntry = Schemas["ClusterLogEntry"];
export type Share = Schemas["Share"];
export type ShareRole = Schemas["ShareRoleEnum"];
/** Deprecated APIs that are used in a cluster, and who says so. */
export type Deprecations = Schemas["Deprecations"];
export type ShareEnded = Schemas["ShareEnded"];

export type Registry = Schemas["Registry"];
export type EmbeddedRegistry = Schemas["EmbeddedRegistry"];
/** What a team has in the embedded registry. */
export type StoredImage = Schemas["StoredImage"];
export type StoredImages = Schemas["StoredImages"];
export type RemovedImages = Schemas["RemovedImages"];
export type OldImages = Schemas["OldImages"];
export type Pushes = Schemas["Pushes"];
export type PushCall = Schemas["PushCall"];
export type PushAddress = Schemas["PushAddress"];
/** With the address and its secret, for the only time. */
export type MadePushAddress = Schemas["MadePushAddress"];
/** The password is shown once. */
export type RegistryLogin = Schemas["RegistryLogin"];
/** A tag with what it names. */
export type ImageChoice = Schemas["ImageChoice"];
export type PlanPulls = Schemas["PlanPulls"];
export type RegistryProvider = Registry["provider"];
export type RegistryPulls = Registry["pulls"];
export type RegistryStep = Schemas["RegistryStep"];
export type RegistryReport = Schemas["RegistryReport"];
export type TriedRegistry = Schemas["TriedRegistry"];
type RegistryForm = Schemas["NewRegistryInputRequest"];
/** An account at a registry, as a form gives it; only the provider has no default. */
export type RegistryInput = Pick<RegistryForm, "provider"> & Partial<Omit<RegistryForm, "name">>;

export type GitConnection = Schemas["GitConnection"];
export type GitProvider = GitConnection["provider"];
export type DeployKey = Schemas["DeployKey"];
export type GitConnectionStep = Schemas["GitConnectionStep"];
export type GitConnectionReport = Schemas["GitConnectionReport"];
export type TriedGitConnection = Schemas["TriedGitConnection"];
export type GitRepository = Schemas["GitRepository"];
export type GitBranch = Schemas["GitBranch"];
export type GitRef = Schemas["GitRef"];
export type GitEntry = Schemas["GitEntry"];
export type GitFolder = Schemas["GitFolder"];
export type GitFile = Schemas["GitFile"];
type GitConnectionForm = Schemas["NewGitConnectionInputRequest"];
/** A git connection as a form gives it; only name and provider have no default. */
export type GitConnectionInput = Pick<GitConnectionForm, "provider"> & Partial<Omit<GitConnectionForm, "provider">>;

export type WorkflowState = Schemas["WorkflowStateEnum"];
export type RunKind = Schemas["RunKindEnum"];
export type RunState = Schemas["RunStateEnum"];
export type StepState = Schemas["StepStateEnum"];
export type StepAction = Schemas["ActionEnum"];

/** The value's type depends on `type`, which the document cannot say. */
export type Variable = Replace<Schemas["Variable"], { value: string | number | boolean }>;
export type Environment = Replace<Schemas["Environment"], { variables: Record<string, Variable> }>;
export type Workflow = Replace<Schemas["Workflow"], { environments: Environment[] }>;

export type Run = Schemas["Run"];
export type RunWithSteps = Schemas["RunWithSteps"];
export type Step = Schemas["Step"];
export type Deletion = Schemas["Deletion"];
/** What is no longer drawn and stays in the cluster, with the reason. */
export type KeptObject = Schemas["Kept"];
export type LogLine = Schemas["LogLine"];
export type PlanObject = Replace<
  Schemas["PlanObject"],
  { fields: Replace<Schemas["PlanField"], { before: unknown; after: unknown }>[] }
>;
/** What a run would do. */
export type Plan = Replace<
  Schemas["Plan"],
  { objects: PlanObject[]; choices: Replace<Schemas["Choice"], { value: unknown }>[] }
>;
/** A plan that waits for an approval or was decided about, with what the person may do about it. */
export type AskedPlan = Schemas["ApprovalRow"];
/** What was said of a plan, which is kept longer than the plan. */
export type PlanDecision = Schemas["DecisionRow"];
/** One object of a plan, as YAML before and after. */
export type PlannedWhole = Replace<Schemas["PlannedWhole"], { object: PlanObject }>;
/** What becomes of a field that others manage. */
export type PlanChoice = Omit<Schemas["Choice"], "value">;
export type PlanMoved = Schemas["Moved"];
/** What starts runs by itself: a schedule, or an address that is called. */
export type Trigger = Schemas["Trigger"];
/** Its address and signing key are shown once. */
export type MadeTrigger = Schemas["MadeTrigger"];
export type WatchableImages = Schemas["WatchableImages"];
/** What the credentials of a cluster may not do. */
export type Preflight = Schemas["Preflight"];
/** What would break on one cluster. */
export type Fit = Schemas["Fit"];

/** One cause of what is wrong, with what shows it and what to do. */
export type Finding = Schemas["Finding"];
/** The same at the node whose object it is about. */
export type NodeFinding = Schemas["NodeFinding"];
export type Diagnosis = Schemas["Diagnosis"];
/** A machine of a cluster. */
export type ClusterNode = Schemas["ClusterNode"];
export type ClusterNodes = Schemas["ClusterNodes"];
export type ClusterNodeDetail = Schemas["ClusterNodeDetail"];
export type Drain = Schemas["Drain"];
/** CPU and memory of an object: used, requested, allowed, and before. */
export type Usage = Schemas["Usage"];
export type NodesUsage = Schemas["NodesUsage"];
export type WorkflowDiagnosis = Schemas["WorkflowDiagnosis"];

/** What others changed of one object since it was applied. */
export type DriftRow = Schemas["DriftInboxRow"];
/** Who owns which field in the cluster, and by which run where it is ours. */
export type Owners = Schemas["Owners"];
export type OwnedField = Schemas["OwnedField"];
/** A field that is drawn, and left to others. */
export type YieldedField = Schemas["Yield"];

/* What live topics carry. */
export type Health = Schemas["HealthEnum"];
export type Evidence = Schemas["Evidence"];
export type NodeStatus = Schemas["NodeStatus"];

export type SavedGraph = Schemas["SavedGraph"];
export type ManifestPreview = Schemas["Manifests"];
/** What a run would take of the sources that are drawn. */
export type SourceImages = Schemas["SourceImages"];
export type Version = Schemas["Version"];
export type Restored = Schemas["Restored"];
export type Comparison = Schemas["Comparison"];
/** Nodes and edges that differ. */
export type GraphChanges = Schemas["GraphChanges"];
/** A container that reads a key of a ConfigMap or Secret. */
export type KeyReader = Schemas["Reader"];
export type Restarted = Schemas["Restarted"];
export type SecretNode = Schemas["SecretNode"];
export type Secrets = Schemas["Secrets"];
export type InventoryItem = Schemas["InventoryRow"];
export type ObjectRef = Schemas["Ref"];
/* What others changed of what was applied. */
export type DriftAnswer = Schemas["DriftAnswer"];
export type DriftedObject = Schemas["DriftedObject"];

/** What was brought in, as a row of the history. */
export type BuildState = Schemas["BuildStateEnum"];
/** One image of one commit. */
export type Build = Schemas["Build"];
export type BuildDetail = Schemas["BuildDetail"];
export type BuildWorkflow = Schemas["BuildWorkflow"];
export type BuildStep = Schemas["BuildStep"];
export type BuildLine = Schemas["BuildLogLine"];
export type BuildEngine = Schemas["BuildEngine"];
export type BuildPause = Schemas["BuildPause"];
export type BuildPauseInput = Schemas["BuildPauseInputRequest"];
export type EngineReport = Schemas["EngineReport"];
export type EngineStep = Schemas["EngineStep"];
export type EngineInput = Schemas["NewEngineInputRequest"];
export type ClusterEngineInput = Schemas["NewClusterEngineInputRequest"];
export type ClusterPlace = Schemas["ClusterPlaceInputRequest"];
export type EngineChanges = Schemas["PatchedChangeEngineInputRequest"];
/** A place of a repository that images are built of. */
export type Source = Schemas["Source"];
export type BuilderChoice = Schemas["BuilderInputRequest"];
export type SourceVariableChoice = Schemas["VariableInputRequest"];
export type VariableUsage = Source["variables"][number]["usage"];

/** What can be built of a repository, and how far finding that out is. */
export type Detection = Schemas["Detection"];
export type DetectedApp = Schemas["DetectedApp"];
/** What a Dockerfile of ours is written from. */
export type DetectedPlan = Schemas["BuildPlan"];
export type WrittenDockerfile = Schemas["WrittenDockerfile"];
/** One application that is made of it. */
export type NewGitApp = Schemas["AppInputRequest"];
export type MadeFromGit = Schemas["WorkflowFromSources"];

export type ImportRow = Schemas["ImportRow"];
/** What an import is made of, as it is sent. */
export type ImportSource = Schemas["SourceInputRequest"];
/** An import with what its files become: a place where one is known. */
export type Place = Schemas["Place"];
export type Import = Schemas["ImportDetail"];
export type ChartValues = Schemas["ChartValues"];
export type ChartSettings = Schemas["ChartInputRequest"];
export type LedgerEntry = Schemas["LedgerEntry"];
/** Something that was found in a repository. */
export type ImportProposal = Schemas["Proposal"];
export type ImportDecision = Schemas["Decision"];
/** What an import would change in a workflow. */
export type ImportMerge = Schemas["Merge"];
/** What a cluster says of an import before anything is made of it. */
export type Trial = Schemas["Trial"];
/** What runs, beside what the Compose files of its import promise. */
export type Sameness = Schemas["Sameness"];

/** Lines and notes of the logs of some containers. */
export type Logs = Schemas["Logs"];

/** A kind that a cluster serves. */
export type ServedKind = Schemas["ServedKind"];
/** One object in a list; `cells` are by column. */
export type ResourceRow = Replace<Schemas["ResourceRow"], { cells: (string | number | boolean | null)[] }>;
export type ResourcePage = Replace<Schemas["ResourcePage"], { results: ResourceRow[] }>;
/** One object with what is known of it; the document leaves open what an object holds. */
export type Resource = Replace<Schemas["Resource"], { object: KubeObject; managed_fields: unknown[] }>;
/** Objects in the tree of owners. */
export type Related = Replace<Schemas["Related"], { children: Related[] }>;
export type Relations = Replace<Schemas["Relations"], { owners: Related[]; dependants: Related[] }>;
/** Objects that go with a Namespace, or with the definition of their kind. */
export type Gone = Schemas["Gone"];
export type ObjectEvent = Schemas["ObjectEvent"];
/** What was seen to change on an object. */
export type ObjectHistory = Schemas["ObjectHistory"];
export type ObjectChange = Schemas["ObjectChange"];
export type ObjectEvents = Schemas["ObjectEvents"];
/** The workflow that an object belongs to. */
export type Belonging = Schemas["Belonging"];
export type PossibleActions = Schemas["PossibleActions"];
export type ResourceYaml = Schemas["ResourceYaml"];
/** A field that two people changed to different values. */
export type EditClash = Schemas["EditClash"];
/** What an edit changes, or has changed. */
export type Edited = Schemas["Edited"];
export type WhyNotGone = Schemas["WhyNotGone"];
/** A set of namespaces under a name of one's own. */
export type NamespaceSet = Schemas["NamespaceSet"];
/** What one has noted of an object for oneself. */
export type Mark = Schemas["Mark"];
/** A namespace with its quotas. */
export type Space = Schemas["Space"];
export type Spaces = Schemas["Spaces"];

/** An object as the cluster has it. What a kind has beside its metadata is the kind's. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    finalizers?: string[];
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  [part: string]: unknown;
}
