"""What names an object in a cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from kubeorch.base.records import record

Manifest = dict[str, Any]
"""A raw Kubernetes object."""


class GroupKind(NamedTuple):
    """A kind, whatever version of its group shows it; the core group is ""."""

    group: str
    kind: str


ENDPOINTS = GroupKind("", "Endpoints")
"""Deprecated, and whoever asks for them counts as a user of a deprecated API. A controller keeps those of a Service by
its name, and what they say is in its EndpointSlices, too. Source: Kubernetes docs, "Service", section "Endpoints"."""


class Identity(NamedTuple):
    """One object, whatever version of its kind's group shows it."""

    group: str
    kind: str
    namespace: str
    name: str


@lru_cache(maxsize=512)
def group_of(api_version: str) -> str:
    """The API group, "" for the core group."""
    group, slash, _ = api_version.rpartition("/")
    return group if slash else ""


@record
class Ref:
    """Which object: API version, kind, namespace ("" when the kind has none) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    # By hand, since they are keys of everything that is watched and applied.

    def __hash__(self) -> int:
        return hash((self.api_version, self.kind, self.namespace, self.name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ref) and self._fields == other._fields

    def __lt__(self, other: Ref) -> bool:
        return self._fields < other._fields

    @property
    def _fields(self) -> tuple[str, str, str, str]:
        return self.api_version, self.kind, self.namespace, self.name

    @property
    def key(self) -> str:
        """One string for maps and documents: `apps/v1/Deployment/shop/web`."""
        return f"{self.api_version}/{self.kind}/{self.namespace}/{self.name}"

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return group_of(self.api_version)

    @property
    def identity(self) -> Identity:
        """What it names, whatever the version: two refs of the same identity are one object."""
        return Identity(group_of(self.api_version), self.kind, self.namespace, self.name)

    def as_json(self) -> dict[str, str]:
        return {
            "api_version": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
        }


class Refs:
    """Refs by what they name. An object outside namespaces is found whatever namespace its ref was written with."""

    def __init__(self, refs: Iterable[Ref]) -> None:
        self._by_identity = {ref.identity: ref for ref in refs}
        self._by_name = {(one.group, one.kind, one.name): ref for one, ref in self._by_identity.items()}

    def find(self, seen: Ref) -> Ref | None:
        """The ref of that object as it was given; None when it is not among them."""
        identity = seen.identity
        found = self._by_identity.get(identity)
        if found is None and not seen.namespace:
            return self._by_name.get((identity.group, identity.kind, identity.name))
        return found


def ref_from_json(data: Mapping[str, Any]) -> Ref:
    """The inverse of `Ref.as_json`."""
    return Ref(data["api_version"], data["kind"], data.get("namespace") or "", data["name"])


_CLUSTER_SCOPED: Mapping[str, frozenset[str]] = {
    group: frozenset(kinds.split())
    for group, kinds in {
        "": "Namespace Node PersistentVolume ComponentStatus",
        "admissionregistration.k8s.io": (
            "ValidatingWebhookConfiguration MutatingWebhookConfiguration ValidatingAdmissionPolicy "
            "ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
        ),
        "apiextensions.k8s.io": "CustomResourceDefinition",
        "apiregistration.k8s.io": "APIService",
        "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle",
        "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
        "gateway.networking.k8s.io": "GatewayClass",
        "networking.k8s.io": "IngressClass IPAddress ServiceCIDR",
        "node.k8s.io": "RuntimeClass",
        "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
        "resource.k8s.io": "DeviceClass ResourceSlice",
        "scheduling.k8s.io": "PriorityClass",
        "storage.k8s.io": "StorageClass VolumeAttachment CSIDriver CSINode VolumeAttributesClass",
        "snapshot.storage.k8s.io": "VolumeSnapshotClass VolumeSnapshotContent",
        "cert-manager.io": "ClusterIssuer",
    }.items()
}


def is_cluster_scoped(api_version: str, kind: str) -> bool:
    """Whether objects of a known kind live outside namespaces; an unknown kind is taken as namespaced."""
    return kind in _CLUSTER_SCOPED.get(Ref(api_version, kind, "", "").group, frozenset())
