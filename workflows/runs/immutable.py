"""What a StatefulSet cannot change once it exists, by name: the API server says only `spec`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Manifest, Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.kube.immutable import ImmutableField

_CHANGEABLE = frozenset(
    (
        *("replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy"),
        *("minReadySeconds", "revisionHistoryLimit"),
    )
)
"""Source: Kubernetes 1.36, what the API server answers to any other change of a set."""


def immutable_words(client: KubeClient, ref: Ref, manifest: Manifest, error: ImmutableField) -> str:
    """The error's sentence; for a set with the very fields, and what to do about each."""
    if (ref.group, ref.kind) != ("apps", "StatefulSet"):
        return error.detail
    try:
        live = client.get(ref)
    except ApiForbidden:
        return error.detail  # the sentence goes without the names
    there: Mapping[str, Any] = (live or {}).get("spec") or {}
    wanted: Mapping[str, Any] = manifest.get("spec") or {}
    changed = sorted(name for name in wanted if name not in _CHANGEABLE and not _covers(there.get(name), wanted[name]))
    if len(wanted.get("volumeClaimTemplates") or ()) < len(there.get("volumeClaimTemplates") or ()):
        changed = sorted({*changed, "volumeClaimTemplates"})
    if not changed:
        return error.detail
    cure = "Undo that change, or rename the node, so that a new set takes its place"
    if "volumeClaimTemplates" in changed:
        cure += (
            "; it makes claims of its own, and those of the old set stay with their data. To enlarge volumes, leave "
            "the templates as they are and change the storage of the claims "
            f"(kubectl edit pvc <template>-{ref.name}-0, …), where their StorageClass allows that"
        )
    return f"StatefulSet {ref.name} cannot change {', '.join(changed)} once it exists. {cure}"


def _covers(there: Any, wanted: Any) -> bool:
    """Whether what is there has all that is wanted; the API server fills in more."""
    if isinstance(wanted, Mapping):
        return isinstance(there, Mapping) and all(_covers(there.get(name), one) for name, one in wanted.items())
    if isinstance(wanted, list):
        same = isinstance(there, list) and len(there) == len(wanted)
        return same and all(_covers(one, other) for one, other in zip(there, wanted, strict=True))
    return bool(there == wanted) or wanted is None
