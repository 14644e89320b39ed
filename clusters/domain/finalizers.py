"""Finalizers: what each waits for, and who takes it away.

Source: Kubernetes docs, "Finalizers"; "Storage Object in Use Protection"; "Garbage Collection"; pkg/controller of
kubernetes/kubernetes for the names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import json_of
from clusters.domain.reading import mapping, text

CONTROLLER_MANAGER = "kube-controller-manager"
API_SERVER = "kube-apiserver"
CLOUD = "cloud-controller-manager"
PROVISIONER = "external-provisioner"
"""Of a CSI driver."""


@dataclass(frozen=True, slots=True)
class Finalizer:
    name: str
    waits_for: str
    """In a sentence; "" where only its controller knows."""
    removed_by: str
    """The component or the field manager that takes it away; "" where nothing tells."""
    known: bool
    """It is one of Kubernetes' own."""
    driver: str = ""
    """The CSI driver that has to let go; "" for none."""


_KNOWN: Mapping[str, tuple[str, str]] = {
    "kubernetes.io/pvc-protection": ("it goes once no pod uses the claim", CONTROLLER_MANAGER),
    "kubernetes.io/pv-protection": ("it goes once no claim is bound to the volume", CONTROLLER_MANAGER),
    "foregroundDeletion": (
        "it goes once everything that the object owns and that blocks its deletion is gone",
        CONTROLLER_MANAGER,
    ),
    "orphan": ("it goes once what the object owned has no owner any more", CONTROLLER_MANAGER),
    "kubernetes": ("it goes once nothing is left in the namespace", CONTROLLER_MANAGER),
    "batch.kubernetes.io/job-tracking": ("it goes once the Job has counted the pod", CONTROLLER_MANAGER),
    "service.kubernetes.io/load-balancer-cleanup": ("it goes once the load balancer is taken down", CLOUD),
    "customresourcecleanup.apiextensions.k8s.io": ("it goes once every object of this kind is gone", API_SERVER),
    "snapshot.storage.kubernetes.io/pvc-as-source-protection": (
        "it goes once no snapshot is being taken of the claim",
        "snapshot-controller",
    ),
    "external-provisioner.volume.kubernetes.io/finalizer": (
        "it goes once the storage behind the volume is deleted",
        PROVISIONER,
    ),
}


def finalizers_of(live: Mapping[str, Any]) -> list[Finalizer]:
    """Those of the metadata, and of a Namespace those of its spec. Of one that is not Kubernetes' own, who wrote it is
    who takes it away, as far as managedFields tell."""
    metadata = mapping(live.get("metadata"))
    names = _texts(metadata.get("finalizers"))
    if live.get("kind") == "Namespace":
        names += _texts(mapping(live.get("spec")).get("finalizers"))
    owned = owners(live)
    found = []
    for name in dict.fromkeys(names):
        if name in _KNOWN:
            waits_for, remover = _KNOWN[name]
            found.append(Finalizer(name, waits_for, remover, True, _driver(live) if remover == PROVISIONER else ""))
            continue
        who = owned.who(("f:metadata", "f:finalizers", f"v:{json_of(name)}"))
        found.append(Finalizer(name, "", who[-1].manager if who else "", known=False))
    return found


def _driver(live: Mapping[str, Any]) -> str:
    """Of a PersistentVolume. Source: Kubernetes API, "CSIPersistentVolumeSource"."""
    driver = mapping(mapping(live.get("spec")).get("csi")).get("driver")
    by = mapping(mapping(live.get("metadata")).get("annotations")).get("pv.kubernetes.io/provisioned-by")
    return text(driver) or text(by)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
