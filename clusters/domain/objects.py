"""What names an object in a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
"""A raw Kubernetes object."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """Which object: API version, kind, namespace ("" when the kind has none) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def key(self) -> str:
        """One string for maps and documents: `apps/v1/Deployment/shop/web`."""
        return f"{self.api_version}/{self.kind}/{self.namespace}/{self.name}"

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        group, slash, _ = self.api_version.rpartition("/")
        return group if slash else ""

    def as_json(self) -> dict[str, str]:
        return {
            "api_version": self.api_version,
            "kind": self.kind,
            "namespace": self.namespace,
            "name": self.name,
        }


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
