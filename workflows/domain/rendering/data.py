"""What a run leaves in the cluster although it is not drawn any more: what holds data, and what serves others.

Such an object is deleted only when a person asks for that in this run (`delete_volumes`). The rules ask facts of the
object, not names: an object without a namespace serves the whole cluster, a claim holds data, a custom object that asks
for storage is a database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Ref


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an object stays."""

    reason: str
    """The end of a sentence that begins with the object."""
    loses_data: bool = False
    """Deleting it loses data, its own or that of objects deleted along with it."""
    on_destroy: bool = True
    """Destroying all that an environment owns leaves it, too."""


HOLDS_DATA = Hold("it holds data", loses_data=True)
WOULD_TAKE_CLAIMS = Hold(
    "its claims would be deleted with it (whenDeleted: Delete), and they hold data", loses_data=True
)
_SET = Hold("its claims hold data", loses_data=True, on_destroy=False)
"""Deleting a set leaves its claims, so a destroy run deletes it. Source: Kubernetes, "StatefulSets", Limitations."""
TAKEN_OVER = Hold("it was there before it was taken over")
_SERVES_OTHERS = Hold("it belongs to the whole cluster, and others may use it")
_TAKES_ALONG: Mapping[tuple[str, str], Hold] = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): Hold(
        "all objects of its kind would be deleted with it, also those of others", loses_data=True
    ),
    ("", "Namespace"): Hold("everything in it would be deleted with it, also what others put there", loses_data=True),
}
_DATA = frozenset(
    {
        ("", "PersistentVolumeClaim"),
        ("", "PersistentVolume"),
        ("snapshot.storage.k8s.io", "VolumeSnapshot"),
        ("snapshot.storage.k8s.io", "VolumeSnapshotContent"),
        ("groupsnapshot.storage.k8s.io", "VolumeGroupSnapshot"),
        ("groupsnapshot.storage.k8s.io", "VolumeGroupSnapshotContent"),
    }
)
_ACTS_FOR_ITS_OWN = frozenset(
    {
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
    }
)
"""Objects of the whole cluster that do harm when they are left: rights that nobody means to give any more, webhooks
whose server is gone and which then refuse every request."""
_STORAGE_KEYS = frozenset(
    (
        *("storage", "storageclass", "storageclassname", "storagesize", "storagespec", "volumesize", "volumespec"),
        *("volumeclaimtemplate", "volumeclaimtemplates", "volumeclaimspec", "datavolumeclaimspec"),
        *("persistentvolumeclaim", "persistentvolumeclaimspec", "persistence", "persistent", "pvc", "pvcspec"),
    )
)
"""Names of fields, in lower case, by which custom objects ask for storage that outlives their pods."""
_OFF: tuple[Any, ...] = (None, False, "", "ephemeral", {}, [])


def hold_of(manifest: Mapping[str, Any]) -> Hold | None:
    """Why an object would stay once it is not drawn any more; None for one that goes.

    A rendered object has a namespace unless it belongs to the whole cluster.
    """
    kind, metadata = str(manifest.get("kind")), manifest.get("metadata") or {}
    group = Ref(str(manifest.get("apiVersion")), kind, "", "").group
    if (group, kind) == ("apps", "StatefulSet"):
        return _hold_of_set(manifest.get("spec") or {})
    hold = _by_kind(group, kind, str(metadata.get("namespace") or ""))
    if hold is None and is_custom(group) and asks_for_storage(manifest.get("spec")):
        return HOLDS_DATA
    return hold


def hold_of_row(ref: Ref, *, holds_data: bool) -> Hold | None:
    """As `hold_of`, by what an earlier release wrote into the inventory."""
    if (ref.group, ref.kind) == ("apps", "StatefulSet"):
        return _SET if holds_data else None
    return _by_kind(ref.group, ref.kind, ref.namespace) or (HOLDS_DATA if holds_data else None)


def asks_for_storage(spec: Any) -> bool:
    """Whether a custom object's spec has a field that asks for storage."""
    return any(key.lower() in _STORAGE_KEYS and value not in _OFF for key, value in _fields(spec))


def leaves_its_data(kind: str) -> bool:
    """Whether the data of an object of this kind stays in the cluster when the object is deleted."""
    return kind == "StatefulSet"


def is_custom(group: str) -> bool:
    """Groups with a dot that are not Kubernetes' own are those of custom objects."""
    return "." in group and not group.endswith(".k8s.io")


def _hold_of_set(spec: Mapping[str, Any]) -> Hold | None:
    if not spec.get("volumeClaimTemplates"):
        return None
    policy = spec.get("persistentVolumeClaimRetentionPolicy") or {}
    return WOULD_TAKE_CLAIMS if policy.get("whenDeleted") == "Delete" else _SET


def _by_kind(group: str, kind: str, namespace: str) -> Hold | None:
    if (group, kind) in _DATA:
        return HOLDS_DATA
    if (group, kind) in _TAKES_ALONG:
        return _TAKES_ALONG[(group, kind)]
    return None if namespace or (group, kind) in _ACTS_FOR_ITS_OWN else _SERVES_OTHERS


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Every field with its value, at any depth."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            for key, inner in one.items():
                yield str(key), inner
                left.append(inner)
        elif isinstance(one, list | tuple):
            left.extend(one)
