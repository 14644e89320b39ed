"""Is one object healthy? One rule for each kind, over what `projection` keeps of it.

A rule is found by group and kind, since others have kinds of the same name. Sources: kstatus (cli-utils,
pkg/kstatus/status/core.go, generic.go) for the order of the general rules and the counters; Argo CD's gitops-engine
(pkg/health) where it is stricter; where neither helps (paused Deployments, running Jobs, lost claims, Services without
endpoints) our own rule, explained at the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from clusters.domain.judgement import (
    NO_CONTEXT,
    SEVERITY,
    Conditions,
    Health,
    ObjectContext,
    State,
    in_grace,
    is_true,
    words_of,
)
from clusters.domain.objects import GroupKind, group_of
from clusters.domain.observed import ObservedObject, OtherStatus, UnreadableStatus
from clusters.domain.rules import others, workloads
from clusters.domain.rules.generic import generic

__all__ = ["SEVERITY", "Health", "ObjectContext", "State", "health_of", "in_grace", "worst"]

Rule = Callable[[Any, Conditions, ObjectContext], Health]
RULES: dict[GroupKind, Rule] = {
    GroupKind("apps", "Deployment"): workloads.deployment,
    GroupKind("apps", "ReplicaSet"): workloads.replica_set,
    GroupKind("apps", "StatefulSet"): workloads.stateful_set,
    GroupKind("apps", "DaemonSet"): workloads.daemon_set,
    GroupKind("batch", "Job"): workloads.job,
    GroupKind("batch", "CronJob"): workloads.cron_job,
    GroupKind("", "ReplicationController"): workloads.replica_set,
    GroupKind("", "Pod"): workloads.pod,
    GroupKind("", "Service"): others.service,
    GroupKind("", "PersistentVolumeClaim"): others.claim,
    GroupKind("", "PersistentVolume"): others.volume,
    GroupKind("", "Node"): others.node,
    GroupKind("networking.k8s.io", "Ingress"): others.ingress,
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): others.scaler,
    GroupKind("policy", "PodDisruptionBudget"): others.budget,
    GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"): others.definition,
    GroupKind("certificates.k8s.io", "CertificateSigningRequest"): others.signing_request,
    **{
        GroupKind(group, kind): others.exists
        for group, kinds in {
            "": "ConfigMap Secret ServiceAccount Endpoints LimitRange ResourceQuota PodTemplate Event Binding",
            "admissionregistration.k8s.io": (
                "ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy "
                "ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
            ),
            "apps": "ControllerRevision",
            "certificates.k8s.io": "ClusterTrustBundle",
            "coordination.k8s.io": "Lease LeaseCandidate",
            "discovery.k8s.io": "EndpointSlice",
            "events.k8s.io": "Event",
            "flowcontrol.apiserver.k8s.io": "PriorityLevelConfiguration",
            "gateway.networking.k8s.io": "ReferenceGrant",
            "metrics.k8s.io": "NodeMetrics PodMetrics",
            "networking.k8s.io": "NetworkPolicy IngressClass IPAddress",
            "node.k8s.io": "RuntimeClass",
            "rbac.authorization.k8s.io": "Role RoleBinding ClusterRole ClusterRoleBinding",
            "resource.k8s.io": "DeviceClass ResourceClaimTemplate ResourceSlice",
            "scheduling.k8s.io": "PriorityClass",
            "storage.k8s.io": "StorageClass CSIDriver CSINode CSIStorageCapacity VolumeAttributesClass",
            "snapshot.storage.k8s.io": "VolumeSnapshotClass",
            "groupsnapshot.storage.k8s.io": "VolumeGroupSnapshotClass",
        }.items()
        for kind in kinds.split()
    },
}


def worst(healths: Iterable[Health]) -> Health:
    """The most severe one; `unknown` for none."""
    ranked = sorted(healths, key=lambda health: SEVERITY[health.state])
    return ranked[-1] if ranked else Health(State.UNKNOWN, "nothing has been observed yet")


def health_of(seen: ObservedObject, context: ObjectContext = NO_CONTEXT) -> Health:
    """The object's health by its own status and `context`; the reasons of its pods are left to `diagnosis`."""
    if isinstance(seen.status, UnreadableStatus):
        return Health(State.UNKNOWN, seen.status.reason)
    if seen.deleting:
        return Health(State.PROGRESSING, "being deleted")
    if not seen.settled:
        return Health(State.PROGRESSING, "the controller has not processed the latest change yet")
    conditions: Conditions = {row.type: row for row in getattr(seen.status, "conditions", ())}
    if is_true(conditions, "Reconciling"):
        return Health(State.PROGRESSING, words_of(conditions["Reconciling"], "reconciling"))
    if is_true(conditions, "Stalled"):
        return Health(State.FAILED, words_of(conditions["Stalled"], "stalled"))
    kind = GroupKind(group_of(seen.api_version), seen.kind)
    rule = RULES.get(kind)
    if rule is not None:
        return rule(seen.status, conditions, context)
    if isinstance(seen.status, OtherStatus):
        return generic(kind, seen.status, conditions, context)
    return Health(State.UNKNOWN, "there is no rule for its status")
