"""From a whole object to the few facts kept of it, as soon as it is decoded.

A pod of 5 KB takes 32 KB as dicts and half a kilobyte like this: strings that repeat are interned, and equal
statuses (ten thousand healthy pods) are one value in memory. Nothing here trusts the shape of what it reads.
The data of ConfigMaps and Secrets is never looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from clusters.domain.labels import ENVIRONMENT_LABEL, NODE_LABEL
from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.objects import Manifest
from clusters.domain.observed import (
    ClaimStatus,
    Condition,
    ContainerTrouble,
    CronJobStatus,
    EndpointStatus,
    IngressStatus,
    JobStatus,
    ObservedObject,
    OtherStatus,
    OutsideEdit,
    Owner,
    PodStatus,
    ScalerStatus,
    ServiceStatus,
    Status,
    StorageClassStatus,
    UnreadableStatus,
    WarningEvent,
    WorkloadStatus,
)
from clusters.domain.reading import integer, interned, mapping, mappings, text

MESSAGE_LIMIT = 600
NAME_LIMIT = 253
LABEL_LIMIT = 63
"""Both as Kubernetes has them."""
VERSION_LIMIT = 40
CONTROLLERS = frozenset(
    {
        *("kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "cloud-controller-manager"),
        *("cluster-autoscaler", "vpa-recommender", "vpa-updater", "cert-manager-cainjector", "kwok"),
    }
)
"""Managers that write into specs as part of their work: what they set is not an edit by a person."""
NOT_CONTENT = frozenset({"f:metadata", "f:status"})

T = TypeVar("T")


def project(api_version: str, kind: str, manifest: Manifest) -> ObservedObject:
    """The facts kept of `manifest`, which may be whole or metadata alone.

    Raises ValueError when it has no name or no uid: such an object cannot be followed.
    """
    metadata = _identity(manifest)
    status = mapping(manifest.get("status"))
    observed = status.get("observedGeneration")
    generation = metadata.get("generation")
    reader = _READERS.get(kind, _other)
    found = reader(mapping(manifest.get("spec")), status, manifest)
    is_settled = not isinstance(observed, int) or not isinstance(generation, int) or observed >= generation
    return _observed(api_version, kind, metadata, is_settled, _outside_edit(metadata), _shared(found))


def unreadable(api_version: str, kind: str, manifest: Manifest, why: str) -> ObservedObject:
    """The object in the place of one that `project` failed on, so that nothing older is taken for it.

    Raises ValueError when it has no name or no uid.
    """
    status = UnreadableStatus(f"cannot be read: {why}"[:MESSAGE_LIMIT])
    return _observed(api_version, kind, _identity(manifest), True, None, status)


def _identity(manifest: Manifest) -> Mapping[str, Any]:
    """The metadata of an object that has a name and a uid, both of a length that Kubernetes allows."""
    metadata = mapping(manifest.get("metadata"))
    name, uid = text(metadata.get("name")), text(metadata.get("uid"))
    if not name or not uid:
        raise ValueError("an object without a name or uid")
    if len(name) > NAME_LIMIT or len(uid) > NAME_LIMIT:
        raise ValueError(f"a name or uid longer than {NAME_LIMIT} characters")
    return metadata


def _observed(
    api_version: str,
    kind: str,
    metadata: Mapping[str, Any],
    is_settled: bool,
    outside_edit: OutsideEdit | None,
    status: Status,
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
        status=status,
    )


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
        message=text(manifest.get("message"))[:MESSAGE_LIMIT],
        times=max(1, integer(manifest.get("count")) or integer(series.get("count"))),
        at=text(at) or text(created),
    )


# Metadata


def _owner(metadata: Mapping[str, Any]) -> Owner | None:
    for row in mappings(metadata.get("ownerReferences")):
        if row.get("controller") is True:
            return _shared(Owner(interned(row.get("kind")), interned(row.get("name")), interned(row.get("uid"))))
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
        is_edit = manager not in CONTROLLERS and row.get("subresource") != "status" and _touches_content(row)
        if is_edit and (latest is None or at > latest.at):
            latest = OutsideEdit(manager[:100], at)
    return latest if latest is not None and ours and latest.at > ours else None


def _touches_content(row: Mapping[str, Any]) -> bool:
    return any(key not in NOT_CONTENT for key in mapping(row.get("fieldsV1")))


# Kinds


def _deployment(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("updatedReplicas")),
        ready=integer(status.get("readyReplicas")),
        available=integer(status.get("availableReplicas")),
        paused=spec.get("paused") is True,
        deadline=spec.get("progressDeadlineSeconds") not in (None, 2147483647),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _replica_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("fullyLabeledReplicas")),
        ready=integer(status.get("readyReplicas")),
        available=integer(status.get("availableReplicas")),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    strategy = mapping(spec.get("updateStrategy"))
    current, update = text(status.get("currentRevision")), text(status.get("updateRevision"))
    return WorkloadStatus(
        desired=integer(spec.get("replicas"), 1),
        current=integer(status.get("replicas")),
        updated=integer(status.get("updatedReplicas")),
        ready=integer(status.get("readyReplicas")),
        available=integer(status.get("availableReplicas")),
        on_delete=strategy.get("type") == "OnDelete",
        partition=integer(mapping(strategy.get("rollingUpdate")).get("partition")),
        rolled=current == update,
        conditions=_conditions(status),
        images=_images(spec),
    )


def _daemon_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    desired = status.get("desiredNumberScheduled")
    return WorkloadStatus(
        desired=desired if isinstance(desired, int) else None,
        current=integer(status.get("currentNumberScheduled")),
        updated=integer(status.get("updatedNumberScheduled")),
        ready=integer(status.get("numberReady")),
        available=integer(status.get("numberAvailable")),
        on_delete=mapping(spec.get("updateStrategy")).get("type") == "OnDelete",
        conditions=_conditions(status),
        images=_images(spec),
    )


def _job(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    completions = spec.get("completions")
    return JobStatus(
        active=integer(status.get("active")),
        succeeded=integer(status.get("succeeded")),
        failed=integer(status.get("failed")),
        completions=completions if isinstance(completions, int) else None,
        suspended=spec.get("suspend") is True,
        started=bool(status.get("startTime")),
        started_at=text(status.get("startTime")),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _cron_job(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return CronJobStatus(
        schedule=text(spec.get("schedule"))[:100],
        suspended=spec.get("suspend") is True,
        active=len(mappings(status.get("active"))),
        last_scheduled_at=text(status.get("lastScheduleTime")),
        images=_images(mapping(mapping(spec.get("jobTemplate")).get("spec"))),
    )


def _pod(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    conditions = {row.type: row for row in _conditions(status, transitions=True)}
    ready = conditions.get("Ready")
    scheduled = conditions.get("PodScheduled")
    unschedulable = scheduled is not None and scheduled.status == "False" and scheduled.reason == "Unschedulable"
    images = {text(row.get("name")): text(row.get("image")) for row in _containers(spec)}
    troubles: list[ContainerTrouble] = []
    unready: list[str] = []
    restarts = 0
    for is_init, row in _container_statuses(status):
        restarts += integer(row.get("restartCount"))
        trouble = _trouble(row, images, is_init)
        if trouble is not None:
            troubles.append(trouble)
        elif not is_init and "running" in mapping(row.get("state")) and row.get("ready") is False:
            unready.append(interned(row.get("name")))
    since = ""
    if unschedulable:
        since = next(
            (
                text(row.get("lastTransitionTime"))
                for row in mappings(status.get("conditions"))
                if row.get("type") == "PodScheduled"
            ),
            "",
        )
    return PodStatus(
        phase=interned(status.get("phase")),
        ready=ready is not None and ready.status == "True",
        restarts=restarts,
        troubles=tuple(troubles),
        unready=tuple(unready),
        unschedulable=scheduled.message if scheduled is not None and unschedulable else "",
        unschedulable_since=since,
        reason=interned(status.get("reason")),
        message=text(status.get("message"))[:MESSAGE_LIMIT],
    )


def _trouble(row: Mapping[str, Any], images: Mapping[str, str], is_init: bool) -> ContainerTrouble | None:
    state, last = mapping(row.get("state")), mapping(mapping(row.get("lastState")).get("terminated"))
    waiting, ended = mapping(state.get("waiting")), mapping(state.get("terminated"))
    reason = text(waiting.get("reason"))
    if reason and reason not in ("ContainerCreating", "PodInitializing"):
        state_shown, code = waiting, last.get("exitCode")
        last_reason = text(last.get("reason"))
    elif ended and (integer(ended.get("exitCode")) != 0 or ended.get("reason") in ("OOMKilled", "Error")):
        state_shown, code = ended, ended.get("exitCode")
        reason = last_reason = text(ended.get("reason")) or "Error"
    elif last and row.get("ready") is False and last.get("reason") == "OOMKilled":
        state_shown, code = last, last.get("exitCode")
        reason = last_reason = "OOMKilled"
    else:
        return None
    name = interned(row.get("name"))
    message = text(state_shown.get("message")) or text(last.get("message"))
    return ContainerTrouble(
        container=name,
        image=images.get(name) or text(row.get("image")),
        reason=sys.intern(reason),
        message=message[:MESSAGE_LIMIT],
        exit_code=code if isinstance(code, int) else None,
        restarts=integer(row.get("restartCount")),
        last_reason=sys.intern(last_reason),
        is_init=is_init,
    )


def _service(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    return ServiceStatus(
        type=interned(spec.get("type")) or "ClusterIP",
        cluster_ip=text(spec.get("clusterIP")),
        address=_address(status),
        has_selector=bool(spec.get("selector")) and spec.get("type") != "ExternalName",
        ports=tuple(integer(row.get("port")) for row in mappings(spec.get("ports"))[:20]),
        created_at=text(mapping(manifest.get("metadata")).get("creationTimestamp")),
    )


def _endpoint_slice(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    labels = mapping(mapping(manifest.get("metadata")).get("labels"))
    endpoints = mappings(manifest.get("endpoints"))
    ready = sum(1 for row in endpoints if mapping(row.get("conditions")).get("ready") is not False)
    return EndpointStatus(interned(labels.get("kubernetes.io/service-name")), ready, len(endpoints))


def _ingress(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    hosts = tuple(text(row.get("host"))[:253] for row in mappings(spec.get("rules"))[:20] if row.get("host"))
    return IngressStatus(_address(status), hosts)


def _claim(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return ClaimStatus(
        phase=interned(status.get("phase")),
        capacity=text(mapping(status.get("capacity")).get("storage")),
        storage_class=interned(spec.get("storageClassName")),
        volume=text(spec.get("volumeName")),
    )


def _storage_class(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    return StorageClassStatus(manifest.get("volumeBindingMode") == "WaitForFirstConsumer")


def _scaler(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return ScalerStatus(
        current=integer(status.get("currentReplicas")),
        desired=integer(status.get("desiredReplicas")),
        least=integer(spec.get("minReplicas"), 1),
        most=integer(spec.get("maxReplicas")),
        conditions=_conditions(status),
    )


def _other(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return OtherStatus(_conditions(status))


_READERS = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Pod": _pod,
    "Service": _service,
    "EndpointSlice": _endpoint_slice,
    "Ingress": _ingress,
    "PersistentVolumeClaim": _claim,
    "StorageClass": _storage_class,
    "HorizontalPodAutoscaler": _scaler,
}


# Reading without trust


def _conditions(status: Mapping[str, Any], *, transitions: bool = False) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            interned(row.get("type")),
            interned(row.get("status")),
            interned(row.get("reason")),
            text(row.get("message"))[:MESSAGE_LIMIT] if not transitions or row.get("status") == "False" else "",
        )
        for row in mappings(status.get("conditions"))[:30]
    )


def _images(spec: Mapping[str, Any]) -> tuple[str, ...]:
    template = mapping(mapping(spec.get("template")).get("spec"))
    return tuple(text(row.get("image"))[:300] for row in mappings(template.get("containers"))[:20])


def _containers(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from mappings(spec.get("initContainers"))
    yield from mappings(spec.get("containers"))


def _container_statuses(status: Mapping[str, Any]) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    yield from ((True, row) for row in mappings(status.get("initContainerStatuses")))
    yield from ((False, row) for row in mappings(status.get("containerStatuses")))


def _address(status: Mapping[str, Any]) -> str:
    for row in mappings(mapping(status.get("loadBalancer")).get("ingress")):
        found = text(row.get("hostname")) or text(row.get("ip"))
        if found:
            return found
    return ""


_SHARED_LIMIT = 4096
_known: dict[Any, Any] = {}


def _shared(value: T) -> T:
    """One object for equal values, so that what is alike costs memory once."""
    found = _known.get(value)
    if found is not None:
        return found  # type: ignore[no-any-return]
    if len(_known) >= _SHARED_LIMIT:
        _known.clear()
    _known[value] = value
    return value
