"""Which pods leave a node when it is drained.

Source: Kubernetes docs, "Safely Drain a Node", and kubectl's filters (k8s.io/kubectl/pkg/drain): pods of a DaemonSet
and mirror pods stay, since they would be back at once; a pod that nobody makes again, or whose emptyDir would be lost,
goes only when a person says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping, mappings, text

MIRROR = "kubernetes.io/config.mirror"


class Fate(StrEnum):
    GOES = "goes"
    STAYS = "stays"
    """It belongs to the node."""
    ASKS_DATA = "asks_data"
    """Its emptyDir is lost."""
    ASKS_UNMANAGED = "asks_unmanaged"
    """No controller makes another one."""
    ASKS_BOTH = "asks_both"
    """No controller makes another one, and its emptyDir is lost."""


@dataclass(frozen=True, slots=True)
class PodOnNode:
    namespace: str
    name: str
    uid: str
    owner: str
    """`DaemonSet proxy`; "" for none."""
    fate: Fate
    ending: bool
    """It is being deleted already."""


def pods_on_node(pods: Iterable[Manifest]) -> list[PodOnNode]:
    """Those that still take room there, by namespace and name; pods that have ended are left out."""
    found = [_pod(one) for one in pods if mapping(one.get("status")).get("phase") not in ("Succeeded", "Failed")]
    return sorted(found, key=lambda pod: (pod.namespace, pod.name))


def _pod(one: Manifest) -> PodOnNode:
    metadata = mapping(one.get("metadata"))
    owner = next((row for row in mappings(metadata.get("ownerReferences")) if row.get("controller") is True), {})
    kind = text(owner.get("kind"))
    volumes = mappings(mapping(one.get("spec")).get("volumes"))
    if MIRROR in mapping(metadata.get("annotations")) or kind in ("DaemonSet", "Node"):
        fate = Fate.STAYS
    else:
        has_data = any("emptyDir" in row for row in volumes)
        fate = _FATES[bool(kind), has_data]
    return PodOnNode(
        namespace=text(metadata.get("namespace")),
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        owner=f"{kind} {text(owner.get('name'))}" if kind else "",
        fate=fate,
        ending=bool(metadata.get("deletionTimestamp")),
    )


_FATES = {
    (True, False): Fate.GOES,
    (True, True): Fate.ASKS_DATA,
    (False, False): Fate.ASKS_UNMANAGED,
    (False, True): Fate.ASKS_BOTH,
}
"""By whether something makes the pod again, and whether it has an emptyDir."""


def leaves(pod: PodOnNode, *, delete_data: bool, delete_unmanaged: bool) -> bool:
    """Whether the pod goes, by what the person has said of data and of unmanaged pods."""
    match pod.fate:
        case Fate.ASKS_DATA:
            return delete_data
        case Fate.ASKS_UNMANAGED:
            return delete_unmanaged
        case Fate.ASKS_BOTH:
            return delete_data and delete_unmanaged
    return pod.fate is Fate.GOES
