"""What can be changed in place, of every kind that Kubernetes brings along: a table.

Paths are names with dots, and say the field with all below it; items of lists are left out. `*` after a rule says what
holds for the fields that are not named. Each row is held equal to what an API server does: an edit that it takes for a
new object and refuses for an existing one is one of an immutable field.

Sources: Kubernetes API reference; pkg/apis/*/validation of Kubernetes (functions Validate…Update).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import GroupKind
from clusters.domain.quantity import is_quantity, parse_quantity
from clusters.domain.reading import mapping, mappings
from workflows.domain.forecast.changes import MISSING, Change, Names, at, under


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one kind. What neither of the two names is `otherwise`."""

    immutable: tuple[Names, ...] = ()
    mutable: tuple[Names, ...] = ()
    otherwise: str = "mutable"
    """`mutable`, `immutable` or `unknown`."""

    def is_immutable(self, names: Names) -> bool:
        return self._longest(names) == "immutable"

    def is_known(self, names: Names) -> bool:
        return self._longest(names) != "unknown"

    def _longest(self, names: Names) -> str:
        """What the most exact row says."""
        best, said = -1, self.otherwise
        for rows, word in ((self.immutable, "immutable"), (self.mutable, "mutable")):
            for row in rows:
                if len(row) > best and under(names, row):
                    best, said = len(row), word
        return said


def _names(text: str) -> tuple[Names, ...]:
    return tuple(tuple(one.split(".")) for one in text.split())


def _fields(immutable: str = "", mutable: str = "", otherwise: str = "mutable") -> Fields:
    return Fields(_names(immutable), _names("metadata " + mutable), otherwise)


_APPS, _RBAC, _NET = "apps", "rbac.authorization.k8s.io", "networking.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"

FIELDS: Mapping[GroupKind, Fields] = {
    GroupKind(group, kind): fields
    for (group, kind), fields in {
        (_APPS, "Deployment"): _fields(
            "spec.selector",
            "spec.template spec.replicas spec.strategy spec.paused spec.minReadySeconds spec.progressDeadlineSeconds "
            "spec.revisionHistoryLimit",
            "unknown",
        ),
        (_APPS, "StatefulSet"): _fields(
            "spec",
            "spec.template spec.replicas spec.ordinals spec.updateStrategy spec.minReadySeconds "
            "spec.revisionHistoryLimit spec.persistentVolumeClaimRetentionPolicy",
        ),
        (_APPS, "DaemonSet"): _fields(
            "spec.selector",
            "spec.template spec.updateStrategy spec.minReadySeconds spec.revisionHistoryLimit",
            "unknown",
        ),
        (_APPS, "ReplicaSet"): _fields("spec.selector"),
        (_APPS, "ControllerRevision"): _fields("data revision"),
        ("", "ReplicationController"): _fields(),
        ("", "Pod"): _fields(
            "spec",
            "spec.containers.image spec.initContainers.image",
        ),
        ("", "PodTemplate"): _fields(),
        ("batch", "Job"): _fields(
            "spec.selector spec.template spec.completions spec.completionMode spec.podFailurePolicy "
            "spec.backoffLimitPerIndex spec.managedBy spec.successPolicy",
        ),
        ("batch", "CronJob"): _fields(),
        ("", "Service"): _fields(),
        ("", "Endpoints"): _fields(),
        ("discovery.k8s.io", "EndpointSlice"): _fields("addressType"),
        ("", "ConfigMap"): _fields(),
        ("", "Secret"): _fields("type"),
        ("", "ServiceAccount"): _fields(),
        ("", "PersistentVolumeClaim"): _fields("spec", "spec.resources.requests spec.volumeAttributesClassName"),
        ("", "PersistentVolume"): _fields(
            "spec",
            "spec.capacity spec.accessModes spec.persistentVolumeReclaimPolicy spec.claimRef spec.storageClassName "
            "spec.mountOptions spec.nodeAffinity spec.volumeAttributesClassName",
        ),
        ("storage.k8s.io", "StorageClass"): _fields("provisioner parameters reclaimPolicy volumeBindingMode"),
        ("storage.k8s.io", "CSIDriver"): _fields("spec.attachRequired spec.volumeLifecycleModes"),
        ("storage.k8s.io", "VolumeAttributesClass"): _fields("driverName parameters"),
        ("scheduling.k8s.io", "PriorityClass"): _fields("value preemptionPolicy"),
        ("node.k8s.io", "RuntimeClass"): _fields("handler"),
        (_NET, "Ingress"): _fields(),
        (_NET, "IngressClass"): _fields("spec.controller"),
        (_NET, "NetworkPolicy"): _fields(),
        ("autoscaling", "HorizontalPodAutoscaler"): _fields(),
        ("policy", "PodDisruptionBudget"): _fields(),
        (_RBAC, "Role"): _fields(),
        (_RBAC, "ClusterRole"): _fields(),
        (_RBAC, "RoleBinding"): _fields("roleRef"),
        (_RBAC, "ClusterRoleBinding"): _fields("roleRef"),
        ("", "Namespace"): _fields(),
        ("", "ResourceQuota"): _fields("spec.scopes"),
        ("", "LimitRange"): _fields(),
        (_ADMISSION, "ValidatingWebhookConfiguration"): _fields(),
        (_ADMISSION, "MutatingWebhookConfiguration"): _fields(),
        (_ADMISSION, "ValidatingAdmissionPolicy"): _fields(),
        (_ADMISSION, "ValidatingAdmissionPolicyBinding"): _fields(),
        ("apiextensions.k8s.io", "CustomResourceDefinition"): _fields("spec.group spec.scope spec.names.plural"),
        ("apiregistration.k8s.io", "APIService"): _fields("spec.group spec.version"),
        ("coordination.k8s.io", "Lease"): _fields(),
    }.items()
}
"""By group and kind. A kind that is not here, every custom one among them, is not known."""


def immutable_change(key: GroupKind, change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether the API server refuses the change of an existing object."""
    special = _SPECIAL.get(key)
    if special is not None and (said := special(change, live, after)) is not None:
        return said
    fields = FIELDS.get(key)
    return fields is not None and (fields.is_immutable(change.names) or _takes_along(fields, change))


def _takes_along(fields: Fields, change: Change) -> bool:
    """Whether an immutable field goes, or comes, with a map that is changed as a whole."""
    size = len(change.names)
    value = change.before if change.after is MISSING else change.after
    return any(under(row, change.names) and at(value, *row[size:]) is not None for row in fields.immutable)


def is_known(key: GroupKind, change: Change) -> bool:
    """Whether it is known what the field does."""
    fields = FIELDS.get(key)
    return fields is not None and fields.is_known(change.names)


def _config(change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """A ConfigMap or Secret that is immutable stays so, with its content."""
    if live.get("immutable") is not True:
        return None
    return True if change.names[0] in ("immutable", "data", "binaryData", "stringData") else None


def _claim(change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """A claim that has no volume yet may still be given one, or a class that was not chosen."""
    unbound = not at(live, "spec", "volumeName")
    if change.names == ("spec", "volumeName"):
        return not unbound
    if change.names == ("spec", "storageClassName"):
        return change.before is not MISSING
    if under(change.names, ("spec", "resources", "requests")):
        return unbound or MISSING in (change.before, change.after) or _shrinks(change)
    return None


def _shrinks(change: Change) -> bool:
    before, after = str(change.before), str(change.after)
    return is_quantity(before) and is_quantity(after) and parse_quantity(after) < parse_quantity(before)


def _service(change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """Addresses stay for as long as the Service has any."""
    external = "ExternalName" in (at(live, "spec", "type"), at(after, "spec", "type"))
    if change.names[:2] in (("spec", "clusterIP"), ("spec", "clusterIPs"), ("spec", "ipFamilies")):
        if external or change.before is MISSING:
            return False
        return change.names[1] == "clusterIP" or change.path[-1] == "i:0"
    if change.names == ("spec", "healthCheckNodePort"):
        return MISSING not in (change.before, change.after)
    if change.names == ("spec", "loadBalancerClass"):
        return bool(at(live, "spec", "type") == at(after, "spec", "type") == "LoadBalancer")
    return None


def _pod(change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """A pod may tolerate more, live shorter, and be let go by those who hold it back."""
    before, then = change.before, change.after
    if change.names == ("spec", "activeDeadlineSeconds"):
        return not isinstance(then, int) or (isinstance(before, int) and then > before)
    if under(change.names, ("spec", "tolerations")):
        kept = _tolerated(after)
        return not all(one in kept for one in _tolerated(live))
    if under(change.names, ("spec", "schedulingGates")):
        return then is not MISSING
    return None


def _tolerated(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Its tolerations without how long each lasts, which may change."""
    rows = mappings(at(pod, "spec", "tolerations"))
    return [{name: value for name, value in row.items() if name != "tolerationSeconds"} for row in rows]


_BEFORE_START = tuple(
    ("spec", "template", *rest)
    for rest in (
        *(("metadata", "labels"), ("metadata", "annotations")),
        *(("spec", name) for name in ("nodeSelector", "tolerations", "schedulingGates")),
        ("spec", "affinity", "nodeAffinity"),
    )
)
"""What a queue may set of a Job that is suspended. Source: Kubernetes docs, "Jobs", Mutable Scheduling Directives."""


_GIVEN = frozenset(("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"))
"""Labels by which a Job finds its pods."""


def _named_in(change: Change) -> set[str]:
    """The names that a change is of, or takes along."""
    return {*change.names, *mapping(change.before), *mapping(change.after)}


def _job(change: Change, live: Mapping[str, Any], after: Mapping[str, Any]) -> bool | None:
    """The number of completions of an indexed Job goes with its parallelism; where it runs is open until it starts."""
    if under(change.names, ("spec", "template", "metadata", "labels")) and _GIVEN & _named_in(change):
        return True
    waits = at(live, "spec", "suspend") is True and not at(live, "status", "startTime")
    if waits and any(under(change.names, row) for row in _BEFORE_START):
        return False
    if waits and change.names == ("spec", "template", "spec", "affinity"):
        return not {*mapping(change.before), *mapping(change.after)} <= {"nodeAffinity"}
    if change.names == ("spec", "completions") and at(live, "spec", "completionMode") == "Indexed":
        return bool(at(after, "spec", "completions") != at(after, "spec", "parallelism"))
    return None


_SPECIAL = {
    GroupKind("", "ConfigMap"): _config,
    GroupKind("", "Secret"): _config,
    GroupKind("", "PersistentVolumeClaim"): _claim,
    GroupKind("", "Service"): _service,
    GroupKind("batch", "Job"): _job,
    GroupKind("", "Pod"): _pod,
}
"""Kinds in which it depends on the object whether a field can change."""
