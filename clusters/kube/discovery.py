"""Which REST resource serves a kind: a table of the common ones, and the cluster's own list for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from clusters.domain.reading import mappings, text
from clusters.kube.errors import ApiNotFound, UnknownKind
from kubeorch.base.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind's place in the API."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The path of one object, or of the collection when `name` is None.

        Without `namespace`, the path of a namespaced kind is the collection in all namespaces.
        """
        base = f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"
        if self.namespaced and namespace:
            base += f"/namespaces/{quote(namespace, safe='')}"
        elif self.namespaced and name:
            raise InvalidInput(f"{self.kind} {name} needs a namespace", code="cluster.no_namespace")
        base += f"/{self.plural}"
        return base if name is None else f"{base}/{quote(name, safe='')}"


def _table(api_version: str, namespaced: bool, **kinds: str) -> dict[tuple[str, str], Resource]:
    return {(api_version, kind): Resource(api_version, kind, plural, namespaced) for kind, plural in kinds.items()}


KNOWN: Mapping[tuple[str, str], Resource] = {
    **_table(
        "v1",
        True,
        ConfigMap="configmaps",
        Endpoints="endpoints",
        Event="events",
        LimitRange="limitranges",
        PersistentVolumeClaim="persistentvolumeclaims",
        Pod="pods",
        ReplicationController="replicationcontrollers",
        ResourceQuota="resourcequotas",
        Secret="secrets",  # noqa: S106  a kind, not a password
        Service="services",
        ServiceAccount="serviceaccounts",
    ),
    **_table("v1", False, Namespace="namespaces", Node="nodes", PersistentVolume="persistentvolumes"),
    **_table(
        "apps/v1",
        True,
        DaemonSet="daemonsets",
        Deployment="deployments",
        ReplicaSet="replicasets",
        StatefulSet="statefulsets",
    ),
    **_table("batch/v1", True, CronJob="cronjobs", Job="jobs"),
    **_table("networking.k8s.io/v1", True, Ingress="ingresses", NetworkPolicy="networkpolicies"),
    **_table("networking.k8s.io/v1", False, IngressClass="ingressclasses"),
    **_table("autoscaling/v2", True, HorizontalPodAutoscaler="horizontalpodautoscalers"),
    **_table("policy/v1", True, PodDisruptionBudget="poddisruptionbudgets"),
    **_table("rbac.authorization.k8s.io/v1", True, Role="roles", RoleBinding="rolebindings"),
    **_table(
        "rbac.authorization.k8s.io/v1", False, ClusterRole="clusterroles", ClusterRoleBinding="clusterrolebindings"
    ),
    **_table("storage.k8s.io/v1", False, StorageClass="storageclasses"),
    **_table("discovery.k8s.io/v1", True, EndpointSlice="endpointslices"),
    **_table("coordination.k8s.io/v1", True, Lease="leases"),
    **_table("scheduling.k8s.io/v1", False, PriorityClass="priorityclasses"),
    **_table("apiextensions.k8s.io/v1", False, CustomResourceDefinition="customresourcedefinitions"),
}


FOUND_MOST = 2000
"""Kinds of one cluster that are remembered; further ones are asked for each time."""
_API_VERSION = re.compile(r"(?:[a-z0-9][-a-z0-9.]{0,252}/)?[a-z][-a-z0-9]{0,62}")
"""What may stand in a path: a group and a version, as Kubernetes names them."""
_PLURAL = re.compile(r"[a-z0-9.-]{1,253}")
"""The name of a resource; one with a slash is a subresource."""


class Discovery:
    """Kinds of one cluster. Safe to share between threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Resource] = {}

    def resource(self, api_version: str, kind: str, get: Callable[[str], Mapping[str, Any]]) -> Resource:
        """The resource that serves `kind`; for an unknown one the cluster is asked at every call.

        `get(path)` answers a GET as parsed JSON; it raises ApiNotFound for a group the cluster lacks.
        Raises UnknownKind, and what `get` raises.
        """
        known = KNOWN.get((api_version, kind)) or self._found.get((api_version, kind))
        if known is not None:
            return known
        if not _API_VERSION.fullmatch(api_version) or ".." in api_version:
            raise UnknownKind(api_version, kind)
        path = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        try:
            rows = mappings(get(path).get("resources"))
        except ApiNotFound:
            rows = []
        # Of a whole answer only what was asked for is kept, so its size does not matter for long.
        for row in rows:
            if row.get("kind") == kind and _PLURAL.fullmatch(text(row.get("name"))):
                found = Resource(api_version, kind, row["name"], bool(row.get("namespaced")))
                if len(self._found) < FOUND_MOST:
                    self._found[(api_version, kind)] = found
                return found
        raise UnknownKind(api_version, kind)

    def forget(self, api_version: str, kind: str) -> None:
        """Ask the cluster again for a kind that it does not serve any more, or in another way."""
        self._found.pop((api_version, kind), None)
