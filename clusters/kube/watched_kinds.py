"""Which kinds are watched on every cluster, and how."""

from __future__ import annotations

from typing import NamedTuple

from clusters.domain.objects import GroupKind, group_of


class KindOf(NamedTuple):
    api_version: str
    kind: str

    @property
    def group_kind(self) -> GroupKind:
        return GroupKind(group_of(self.api_version), self.kind)


SERVICE = KindOf("v1", "Service")
EVENT = KindOf("v1", "Event")
ENDPOINT_SLICE = KindOf("discovery.k8s.io/v1", "EndpointSlice")
STORAGE_CLASS = KindOf("storage.k8s.io/v1", "StorageClass")
METADATA_ONLY = frozenset(
    {
        GroupKind("", "ConfigMap"),
        GroupKind("", "Secret"),
        GroupKind("", "ServiceAccount"),
        GroupKind("networking.k8s.io", "NetworkPolicy"),
        GroupKind("rbac.authorization.k8s.io", "Role"),
        GroupKind("rbac.authorization.k8s.io", "RoleBinding"),
    }
)
"""Their content is not looked at, so it is not requested; the values of Secrets never reach this process."""
UNLABELLED = frozenset({EVENT.group_kind, STORAGE_CLASS.group_kind})
"""Nobody labels these for us: all of them are watched."""
BUILT_IN: tuple[KindOf, ...] = (
    KindOf("apps/v1", "Deployment"),
    KindOf("apps/v1", "ReplicaSet"),
    KindOf("apps/v1", "StatefulSet"),
    KindOf("apps/v1", "DaemonSet"),
    KindOf("batch/v1", "Job"),
    KindOf("batch/v1", "CronJob"),
    KindOf("v1", "Pod"),
    SERVICE,
    ENDPOINT_SLICE,
    KindOf("networking.k8s.io/v1", "Ingress"),
    KindOf("v1", "ConfigMap"),
    KindOf("v1", "Secret"),
    KindOf("v1", "PersistentVolumeClaim"),
    KindOf("autoscaling/v2", "HorizontalPodAutoscaler"),
    KindOf("networking.k8s.io/v1", "NetworkPolicy"),
    KindOf("v1", "ServiceAccount"),
    STORAGE_CLASS,
    EVENT,
)
MADE_BY_CONTROLLERS: tuple[KindOf, ...] = (
    KindOf("v1", "Pod"),
    KindOf("apps/v1", "ReplicaSet"),
    KindOf("apps/v1", "Deployment"),
    KindOf("apps/v1", "StatefulSet"),
    KindOf("apps/v1", "DaemonSet"),
    KindOf("batch/v1", "Job"),
)
"""What stands between an object and its pods. Without our labels they are watched only where one of ours made some."""
