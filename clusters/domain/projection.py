"""From a whole object to the few facts kept of it, as soon as it is decoded.

A pod of 5 KB takes 32 KB as dicts and half a kilobyte like this: strings that repeat are interned, and equal
statuses (ten thousand healthy pods) are one value in memory. Nothing here trusts the shape of what it reads.
The data of ConfigMaps and Secrets is never looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from clusters.domain.labels import ENVIRONMENT_LABEL, NODE_LABEL
from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.objects import GroupKind, Manifest, group_of
from clusters.domain.observed import (
    NO_MARKS,
    ObservedObject,
    OutsideEdit,
    Owner,
    Status,
    UnreadableStatus,
    WarningEvent,
)
from clusters.domain.ownership import owners as field_owners
from clusters.domain.ownership.known import WORKS_BY_ITSELF, known
from clusters.domain.ownership.touches import content_mark, fingerprint_of, mark_of
from clusters.domain.readers import generic, kinds, pods
from clusters.domain.readers.parts import MESSAGE_LIMIT, message_of
from clusters.domain.reading import generation, integer, interned, mapping, mappings, shared, text

NAME_LIMIT = 253
LABEL_LIMIT = 63
"""Both as Kubernetes has them."""
VERSION_LIMIT = 40
KUBERNETES_OWN = frozenset({"", "apps", "batch", "policy", "autoscaling", "extensions"})
"""Groups of Kubernetes itself whose names do not end in .k8s.io."""
NOT_CONTENT = frozenset({"f:metadata", "f:status"})


class NoIdentity(ValueError):
    """An object without a usable name or uid: it cannot be told from others, so it cannot be followed."""


Reader = Callable[[Mapping[str, Any], Mapping[str, Any], Manifest], Status]
T = TypeVar("T")


def project(api_version: str, kind: str, manifest: Manifest) -> ObservedObject:
    """The facts kept of `manifest`, which may be whole or metadata alone.

    Raises NoIdentity.
    """
    metadata = _identity(manifest)
    status = mapping(manifest.get("status"))
    observed, wanted = generation(status.get("observedGeneration")), generation(metadata.get("generation"))
    spec = mapping(manifest.get("spec"))
    group_kind = GroupKind(group_of(api_version), kind)
    found = shared(_READERS.get(group_kind, generic.generic)(spec, status, manifest))
    is_settled = wanted is None or (
        observed >= wanted if observed is not None else group_kind not in _SAY_WHAT_THEY_SAW
    )
    makes = _makes_unlabelled(group_of(api_version), spec)
    marks = _marks(manifest, metadata)
    return _observed(api_version, kind, metadata, is_settled, _outside_edit(metadata), makes, found, marks)


def unreadable(api_version: str, kind: str, manifest: Manifest, why: str) -> ObservedObject:
    """The object in the place of one that `project` failed on, so that nothing older is taken for it.

    Raises NoIdentity.
    """
    status = UnreadableStatus(f"cannot be read: {why}"[:MESSAGE_LIMIT])
    return _observed(api_version, kind, _identity(manifest), True, None, False, status)


def _identity(manifest: Manifest) -> Mapping[str, Any]:
    """The metadata of an object that has a name and a uid, both of a length that Kubernetes allows."""
    metadata = mapping(manifest.get("metadata"))
    name, uid = text(metadata.get("name")), text(metadata.get("uid"))
    if not name or not uid:
        raise NoIdentity("an object without a name or uid")
    if len(name) > NAME_LIMIT or len(uid) > NAME_LIMIT:
        raise NoIdentity(f"a name or uid longer than {NAME_LIMIT} characters")
    return metadata


def _observed(
    api_version: str,
    kind: str,
    metadata: Mapping[str, Any],
    is_settled: bool,
    outside_edit: OutsideEdit | None,
    makes_unlabelled: bool,
    status: Status,
    marks: bytes = NO_MARKS,
) -> ObservedObject:
    labels = mapping(metadata.get("labels"))
    return ObservedObject(
        api_version=sys.intern(api_version),
        kind=sys.intern(kind),
        namespace=interned(metadata.get("namespace")),
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        resource_version=text(metadata.get("resourceVersion"))[:VERSION_LIMIT],
        environment_id=_label(labels, ENVIRONMENT_LABEL),
        node_id=_label(labels, NODE_LABEL),
        owner=_owner(metadata),
        deleting=bool(metadata.get("deletionTimestamp")),
        settled=is_settled,
        outside_edit=outside_edit,
        makes_unlabelled=makes_unlabelled,
        status=status,
        marks=marks,
    )


def _marks(manifest: Manifest, metadata: Mapping[str, Any]) -> bytes:
    """(of our fields, of all content), of what a run of ours may have applied: it has our label and no controller."""
    if _owner(metadata) is not None or not _label(mapping(metadata.get("labels")), NODE_LABEL):
        return NO_MARKS
    return mark_of(fingerprint_of(manifest)).to_bytes(8, "big") + content_mark(manifest).to_bytes(8, "big")


def _makes_unlabelled(group: str, spec: Mapping[str, Any]) -> bool:
    """Whether pods are made of it that lack our label: by its template, or by an operator whose kind it is."""
    template = mapping(spec.get("template")) or mapping(
        mapping(mapping(spec.get("jobTemplate")).get("spec")).get("template")
    )
    if template and group in KUBERNETES_OWN:
        return not text(mapping(mapping(template.get("metadata")).get("labels")).get(ENVIRONMENT_LABEL))
    return group not in KUBERNETES_OWN and not group.endswith(".k8s.io")


def _label(labels: Mapping[str, Any], key: str) -> str:
    """A label's value; "" for one that is longer than Kubernetes allows."""
    value = labels.get(key)
    return interned(value) if isinstance(value, str) and len(value) <= LABEL_LIMIT else ""


def warning_event(manifest: Manifest) -> WarningEvent | None:
    """A Warning event in short; None for one that names no object."""
    uid = text(mapping(manifest.get("involvedObject")).get("uid"))
    if not uid or manifest.get("type") != "Warning":
        return None
    series = mapping(manifest.get("series"))
    at = manifest.get("lastTimestamp") or series.get("lastObservedTime") or manifest.get("eventTime")
    created = mapping(manifest.get("metadata")).get("creationTimestamp")
    return WarningEvent(
        uid=uid,
        reason=interned(manifest.get("reason")),
        message=message_of(manifest.get("message")),
        times=max(1, integer(manifest.get("count")) or integer(series.get("count"))),
        at=text(at) or text(created),
    )


# Metadata


def _owner(metadata: Mapping[str, Any]) -> Owner | None:
    for row in mappings(metadata.get("ownerReferences")):
        if row.get("controller") is True:
            return shared(Owner(interned(row.get("kind")), interned(row.get("name")), interned(row.get("uid"))))
    return None


def _outside_edit(metadata: Mapping[str, Any]) -> OutsideEdit | None:
    """Who changed the object's content after our last apply.

    Only fields outside metadata and status count, and not through the status subresource. Source: Kubernetes
    docs, "Server-Side Apply", section "Managers": an update moves changed fields to the updater's entry.
    """
    ours, latest = "", None
    for row in mappings(metadata.get("managedFields")):
        manager, at = text(row.get("manager")), text(row.get("time"))
        if manager in OUR_MANAGERS:
            ours = max(ours, at)
            continue
        if row.get("subresource") == "status" or not _touches_content(row):
            continue
        writer = field_owners.Owner(manager, text(row.get("operation")), at, text(row.get("subresource")))
        if known(writer).sort not in WORKS_BY_ITSELF and (latest is None or at > latest.at):
            latest = OutsideEdit(manager[:100], at)
    return latest if latest is not None and ours and latest.at > ours else None


def _touches_content(row: Mapping[str, Any]) -> bool:
    return any(key not in NOT_CONTENT for key in mapping(row.get("fieldsV1")))


_READERS: dict[GroupKind, Reader] = {
    GroupKind("apps", "Deployment"): kinds.deployment,
    GroupKind("apps", "ReplicaSet"): kinds.replica_set,
    GroupKind("apps", "StatefulSet"): kinds.stateful_set,
    GroupKind("apps", "DaemonSet"): kinds.daemon_set,
    GroupKind("batch", "Job"): kinds.job,
    GroupKind("batch", "CronJob"): kinds.cron_job,
    GroupKind("", "ReplicationController"): kinds.replica_set,
    GroupKind("", "Pod"): pods.pod,
    GroupKind("", "ConfigMap"): kinds.content,
    GroupKind("", "Secret"): kinds.content,
    GroupKind("", "Service"): kinds.service,
    GroupKind("", "PersistentVolumeClaim"): kinds.claim,
    GroupKind("discovery.k8s.io", "EndpointSlice"): kinds.endpoint_slice,
    GroupKind("networking.k8s.io", "Ingress"): kinds.ingress,
    GroupKind("storage.k8s.io", "StorageClass"): kinds.storage_class,
    GroupKind("storage.k8s.io", "VolumeAttachment"): kinds.attachment,
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): kinds.scaler,
    GroupKind("certificates.k8s.io", "CertificateSigningRequest"): kinds.signing_request,
}
_SAY_WHAT_THEY_SAW = frozenset(
    {
        *(GroupKind("apps", kind) for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")),
        GroupKind("", "ReplicationController"),
    }
)
"""Their controllers write observedGeneration at the first look: until then nobody has looked."""
