"""Words in which statuses of kinds without a rule of their own say how they are: conditions, reasons and phases."""

from __future__ import annotations

import re

from clusters.domain.judgement import State
from clusters.domain.objects import GroupKind

GOOD = (
    *("Ready", "Available", "Healthy", "Accepted", "Programmed", "Established", "NamesAccepted", "Synced"),
    *("ResolvedRefs", "Reconciled", "Valid", "Initialized", "Provisioned", "Running", "Deployed", "Released"),
    *("Admitted", "AllReplicasReady", "ClusterAvailable", "ACK.ResourceSynced", "RecommendationProvided"),
)
"""Conditions that must be true where they are."""
BAD = (
    "NotReady",
    "Degraded",
    "Error",
    "Errored",
    "Failing",
    "Unhealthy",
    "Invalid",
    "Conflicted",
    "Dangling",
    "Unavailable",
    "NoPodsMatched",
    "ACK.Terminal",
)
"""Conditions that must not be true."""
DONE = ("Complete", "Completed", "Succeeded", "Finished", "SuccessCriteriaMet")
"""It has ended, which is not to say how: an Argo Workflow that failed is Completed, a Kueue one Finished. What goes
on for good may keep one of an earlier end: an Argo Rollout stays Completed since its last promotion."""
ENDED = re.compile(r"Complet|Succe|Finish|Done|GoalReached")
"""In a condition's reason: it no longer holds since the object has ended, as Ready=False with PodCompleted."""
FAILURE = re.compile(
    r"Fail|Err(?:or|$)|Invalid|NotFound|Missing|Denied|Conflict|Unauthorized|Forbidden|BackOff|Exceeded"
    r"|Reject|Unsupported|NotAllowed|NotPermitted|Refused|Crash|Unable|Cannot|Degraded|NoMatching"
)
"""In a condition's reason: it is not on its way, something is wrong."""
PHASES: dict[str, State] = {
    **dict.fromkeys(
        [
            "ready",
            "active",
            "available",
            "bound",
            "healthy",
            "online",
            "deployed",
            "synced",
            "valid",
            "established",
            "reconciled",
            "released",
            "green",
        ],
        State.HEALTHY,
    ),
    **dict.fromkeys(["succeeded", "complete", "completed", "finished", "done", "success"], State.HEALTHY),
    **dict.fromkeys(["suspended", "paused", "stopped", "hibernated", "sleeping"], State.SUSPENDED),
    **dict.fromkeys(
        ["failed", "failure", "error", "errored", "aborted", "terminated", "invalid", "lost", "rejected", "denied"],
        State.FAILED,
    ),
    **dict.fromkeys(
        ["degraded", "unhealthy", "red", "crashloopbackoff", "outofsync", "notready", "partiallyfailed"], State.DEGRADED
    ),
    **dict.fromkeys(
        [
            "pending",
            "creating",
            "provisioning",
            "progressing",
            "initializing",
            "starting",
            "scheduling",
            "scheduled",
            "queued",
            "inqueue",
            "updating",
            "upgrading",
            "scaling",
            "waiting",
            "new",
            "reconciling",
            "deploying",
            "installing",
            "pulling",
            "building",
            "binding",
            "restarting",
            "terminating",
            "aborting",
            "completing",
            "deleting",
            "unknown",
            "inprogress",
            "in_progress",
        ],
        State.PROGRESSING,
    ),
}
BAD_PHASE = re.compile(r"fail(?!over)|error|invalid|denied|unavailable|reject|crash|notfound|missing", re.IGNORECASE)
"""In a phase that `PHASES` does not have: FailedValidation, SUBMISSION_FAILED, FinalizingPartiallyFailed."""
UNDER_WAY = ("Running", "Progressing", "Started", "Created")
"""Conditions of what runs to an end, and has not: a Job that runs is not done yet."""
ENDING = frozenset(
    {
        GroupKind("jobset.x-k8s.io", "JobSet"),
        GroupKind("kubeflow.org", "Experiment"),
        GroupKind("kubeflow.org", "Trial"),
        GroupKind("kueue.x-k8s.io", "Workload"),
        GroupKind("sparkoperator.k8s.io", "SparkApplication"),
    }
)
"""Kinds that run to an end beside those whose names say so."""
TEMPLATES = frozenset({GroupKind("tekton.dev", "Task")})
"""Kinds that are called like one that runs, and are what is run."""
AWAITED_FLAGS = frozenset({GroupKind("snapshot.storage.k8s.io", "VolumeSnapshot")})
"""Kinds whose controllers always write `readyToUse` or the like. Source: Kubernetes docs, "Volume Snapshots"."""
RUNS_TO_AN_END = re.compile(r"^(?!Scheduled|Cron|Scaled).*(?:Job|Run|Workflow|Backup|Restore|Task|Migration)$")
EXPECTED: dict[str, dict[str, str]] = {
    "serving.knative.dev": {"": "Ready"},
    "eventing.knative.dev": {"": "Ready"},
    "messaging.knative.dev": {"": "Ready"},
    "gateway.networking.k8s.io": {"GatewayClass": "Accepted", "Gateway": "Programmed"},
    "apiregistration.k8s.io": {"APIService": "Available"},
    "cert-manager.io": {"": "Ready"},
    "source.toolkit.fluxcd.io": {"": "Ready"},
    "kustomize.toolkit.fluxcd.io": {"": "Ready"},
    "helm.toolkit.fluxcd.io": {"": "Ready"},
    "external-secrets.io": {"ExternalSecret": "Ready"},
    "monitoring.coreos.com": {"Prometheus": "Available", "Alertmanager": "Available", "ThanosRuler": "Available"},
}
"""Conditions that a kind ("" for every kind of the group) always gets: until then, its controller has not judged it."""
