"""From a whole object to the few facts kept of it, at decode.

A pod of 5 KB is 32 KB as dicts and half a kilobyte like this: strings that repeat are interned, statuses
that repeat (ten thousand healthy pods) are one value. Nothing here trusts the shape of what it reads; what
does not fit reads as absent. No data of ConfigMaps and Secrets is looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from clusters.domain.labels import ENVIRONMENT_LABEL, NODE_LABEL
from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.objects import Manifest, Ref

MESSAGE_LIMIT = 600
CONTROLLERS = frozenset(
    {
        *("kube-controller-manager", "kube-scheduler", "kubelet", "kube-apiserver", "cloud-controller-manager"),
        *("cluster-autoscaler", "vpa-recommender", "vpa-updater", "cert-manager-cainjector", "kwok"),
    }
)
"""Managers that write into specs as part of their work: what they set is no edit by a person."""
NOT_CONTENT = frozenset({"f:metadata", "f:status"})

T = TypeVar("T")


class Owner(NamedTuple):
    kind: str
    name: str
    uid: str


class Condition(NamedTuple):
    type: str
    status: str
    reason: str
    message: str


class Outside(NamedTuple):
    """The last edit of content by somebody who is neither us nor a controller, later than our own last one."""

    manager: str
    at: str


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """Deployment, ReplicaSet, StatefulSet, DaemonSet: counters under one set of names."""

    desired: int | None = None
    current: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    paused: bool = False
    on_delete: bool = False
    partition: int = 0
    rolled: bool = True
    """StatefulSet: every pod is of the update revision."""
    deadline: bool = True
    """Deployment: a progress deadline is set, so the Progressing condition tells."""
    conditions: tuple[Condition, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobStatus:
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    completions: int | None = None
    suspended: bool = False
    started: bool = False
    started_at: str = ""
    conditions: tuple[Condition, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CronJobStatus:
    schedule: str = ""
    suspended: bool = False
    active: int = 0
    last_scheduled_at: str = ""
    images: tuple[str, ...] = ()


class ContainerTrouble(NamedTuple):
    """A container that does not run as it should; `reason` is the kubelet's."""

    container: str
    image: str
    reason: str
    message: str
    exit_code: int | None
    restarts: int
    last_reason: str
    is_init: bool


@dataclass(frozen=True, slots=True)
class PodStatus:
    phase: str = ""
    ready: bool = False
    restarts: int = 0
    restart_policy: str = "Always"
    troubles: tuple[ContainerTrouble, ...] = ()
    unready: tuple[str, ...] = ()
    """Containers that run and do not answer their readiness probe."""
    unschedulable: str = ""
    unschedulable_since: str = ""
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    type: str = "ClusterIP"
    cluster_ip: str = ""
    address: str = ""
    has_selector: bool = False
    ports: tuple[int, ...] = ()
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """An EndpointSlice: how many addresses it has for its Service, and how many are ready."""

    service: str = ""
    ready: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class IngressStatus:
    address: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    phase: str = ""
    capacity: str = ""
    storage_class: str = ""
    volume: str = ""


@dataclass(frozen=True, slots=True)
class StorageClassStatus:
    waits_for_consumer: bool = False


@dataclass(frozen=True, slots=True)
class ScalerStatus:
    current: int = 0
    desired: int = 0
    least: int = 1
    most: int = 0
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherStatus:
    conditions: tuple[Condition, ...] = ()


Status = (
    WorkloadStatus
    | JobStatus
    | CronJobStatus
    | PodStatus
    | ServiceStatus
    | EndpointStatus
    | IngressStatus
    | ClaimStatus
    | StorageClassStatus
    | ScalerStatus
    | OtherStatus
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is kept of one observed object."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    environment_id: str
    node_id: str
    owner: Owner | None
    """The controller it belongs to; None for what a person (or we) made."""
    deleting: bool
    settled: bool
    """The controller has seen the newest generation (or the kind does not tell)."""
    outside: Outside | None
    status: Status

    @property
    def ref(self) -> Ref:
        return Ref(self.api_version, self.kind, self.namespace, self.name)


class Happening(NamedTuple):
    """One Warning event of the cluster, about the object `uid`."""

    uid: str
    reason: str
    message: str
    times: int
    at: str


def project(api_version: str, kind: str, manifest: Manifest) -> Seen:
    """The facts kept of `manifest`, which may be whole or metadata alone.

    Raises ValueError when it has no name and uid: such a thing cannot be followed.
    """
    metadata = _map(manifest.get("metadata"))
    name, uid = _text(metadata.get("name")), _text(metadata.get("uid"))
    if not name or not uid:
        raise ValueError("an object without name or uid")
    labels = _map(metadata.get("labels"))
    status = _map(manifest.get("status"))
    observed = status.get("observedGeneration")
    generation = metadata.get("generation")
    reader = _READERS.get(kind, _other)
    return Seen(
        api_version=sys.intern(api_version),
        kind=sys.intern(kind),
        namespace=_interned(metadata.get("namespace")),
        name=name,
        uid=uid,
        resource_version=_text(metadata.get("resourceVersion")),
        environment_id=_interned(labels.get(ENVIRONMENT_LABEL)),
        node_id=_interned(labels.get(NODE_LABEL)),
        owner=_owner(metadata),
        deleting=bool(metadata.get("deletionTimestamp")),
        settled=not isinstance(observed, int) or not isinstance(generation, int) or observed >= generation,
        outside=_outside(metadata),
        status=_shared(reader(_map(manifest.get("spec")), status, manifest)),
    )


def happening(manifest: Manifest) -> Happening | None:
    """A Warning event in short; None for one that names no object."""
    uid = _text(_map(manifest.get("involvedObject")).get("uid"))
    if not uid or manifest.get("type") != "Warning":
        return None
    series = _map(manifest.get("series"))
    at = manifest.get("lastTimestamp") or series.get("lastObservedTime") or manifest.get("eventTime")
    created = _map(manifest.get("metadata")).get("creationTimestamp")
    return Happening(
        uid=uid,
        reason=_interned(manifest.get("reason")),
        message=_text(manifest.get("message"))[:MESSAGE_LIMIT],
        times=max(1, _int(manifest.get("count")) or _int(series.get("count"))),
        at=_text(at) or _text(created),
    )


def moment(text: str) -> datetime | None:
    """A Kubernetes time; None where there is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# Metadata


def _owner(metadata: Mapping[str, Any]) -> Owner | None:
    for row in _maps(metadata.get("ownerReferences")):
        if row.get("controller") is True:
            return _shared(Owner(_interned(row.get("kind")), _interned(row.get("name")), _interned(row.get("uid"))))
    return None


def _outside(metadata: Mapping[str, Any]) -> Outside | None:
    """Who changed the object's content after our last apply.

    Only fields outside metadata and status count, and not through the status subresource. Source: Kubernetes
    docs, "Server-Side Apply", section "Managers": an update moves changed fields to the updater's entry.
    """
    ours, latest = "", None
    for row in _maps(metadata.get("managedFields")):
        manager, at = _text(row.get("manager")), _text(row.get("time"))
        if manager in OUR_MANAGERS:
            ours = max(ours, at)
            continue
        is_edit = manager not in CONTROLLERS and row.get("subresource") != "status" and _touches_content(row)
        if is_edit and (latest is None or at > latest.at):
            latest = Outside(manager[:100], at)
    return latest if latest is not None and ours and latest.at > ours else None


def _touches_content(row: Mapping[str, Any]) -> bool:
    return any(key not in NOT_CONTENT for key in _map(row.get("fieldsV1")))


# Kinds


def _deployment(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=_count(spec.get("replicas"), 1),
        current=_int(status.get("replicas")),
        updated=_int(status.get("updatedReplicas")),
        ready=_int(status.get("readyReplicas")),
        available=_int(status.get("availableReplicas")),
        paused=spec.get("paused") is True,
        deadline=spec.get("progressDeadlineSeconds") not in (None, 2147483647),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _replica_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return WorkloadStatus(
        desired=_count(spec.get("replicas"), 1),
        current=_int(status.get("replicas")),
        updated=_int(status.get("fullyLabeledReplicas")),
        ready=_int(status.get("readyReplicas")),
        available=_int(status.get("availableReplicas")),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _stateful_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    strategy = _map(spec.get("updateStrategy"))
    current, update = _text(status.get("currentRevision")), _text(status.get("updateRevision"))
    return WorkloadStatus(
        desired=_count(spec.get("replicas"), 1),
        current=_int(status.get("replicas")),
        updated=_int(status.get("updatedReplicas")),
        ready=_int(status.get("readyReplicas")),
        available=_int(status.get("availableReplicas")),
        on_delete=strategy.get("type") == "OnDelete",
        partition=_int(_map(strategy.get("rollingUpdate")).get("partition")),
        rolled=current == update,
        conditions=_conditions(status),
        images=_images(spec),
    )


def _daemon_set(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    desired = status.get("desiredNumberScheduled")
    return WorkloadStatus(
        desired=desired if isinstance(desired, int) else None,
        current=_int(status.get("currentNumberScheduled")),
        updated=_int(status.get("updatedNumberScheduled")),
        ready=_int(status.get("numberReady")),
        available=_int(status.get("numberAvailable")),
        on_delete=_map(spec.get("updateStrategy")).get("type") == "OnDelete",
        conditions=_conditions(status),
        images=_images(spec),
    )


def _job(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    completions = spec.get("completions")
    return JobStatus(
        active=_int(status.get("active")),
        succeeded=_int(status.get("succeeded")),
        failed=_int(status.get("failed")),
        completions=completions if isinstance(completions, int) else None,
        suspended=spec.get("suspend") is True,
        started=bool(status.get("startTime")),
        started_at=_text(status.get("startTime")),
        conditions=_conditions(status),
        images=_images(spec),
    )


def _cron_job(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return CronJobStatus(
        schedule=_text(spec.get("schedule"))[:100],
        suspended=spec.get("suspend") is True,
        active=len(_maps(status.get("active"))),
        last_scheduled_at=_text(status.get("lastScheduleTime")),
        images=_images(_map(_map(spec.get("jobTemplate")).get("spec"))),
    )


def _pod(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    conditions = {row.type: row for row in _conditions(status, transitions=True)}
    ready = conditions.get("Ready")
    scheduled = conditions.get("PodScheduled")
    unschedulable = scheduled is not None and scheduled.status == "False" and scheduled.reason == "Unschedulable"
    images = {_text(row.get("name")): _text(row.get("image")) for row in _containers(spec)}
    troubles: list[ContainerTrouble] = []
    unready: list[str] = []
    restarts = 0
    for is_init, row in _container_statuses(status):
        restarts += _int(row.get("restartCount"))
        trouble = _trouble(row, images, is_init)
        if trouble is not None:
            troubles.append(trouble)
        elif not is_init and "running" in _map(row.get("state")) and row.get("ready") is False:
            unready.append(_interned(row.get("name")))
    since = ""
    if unschedulable:
        since = next(
            (
                _text(row.get("lastTransitionTime"))
                for row in _maps(status.get("conditions"))
                if row.get("type") == "PodScheduled"
            ),
            "",
        )
    return PodStatus(
        phase=_interned(status.get("phase")),
        ready=ready is not None and ready.status == "True",
        restarts=restarts,
        restart_policy=_interned(spec.get("restartPolicy")) or "Always",
        troubles=tuple(troubles),
        unready=tuple(unready),
        unschedulable=scheduled.message if scheduled is not None and unschedulable else "",
        unschedulable_since=since,
        reason=_interned(status.get("reason")),
        message=_text(status.get("message"))[:MESSAGE_LIMIT],
    )


def _trouble(row: Mapping[str, Any], images: Mapping[str, str], is_init: bool) -> ContainerTrouble | None:
    state, last = _map(row.get("state")), _map(_map(row.get("lastState")).get("terminated"))
    waiting, ended = _map(state.get("waiting")), _map(state.get("terminated"))
    reason = _text(waiting.get("reason"))
    if reason and reason not in ("ContainerCreating", "PodInitializing"):
        told, code = waiting, last.get("exitCode")
        last_reason = _text(last.get("reason"))
    elif ended and (_int(ended.get("exitCode")) != 0 or ended.get("reason") in ("OOMKilled", "Error")):
        told, code = ended, ended.get("exitCode")
        reason = last_reason = _text(ended.get("reason")) or "Error"
    elif last and row.get("ready") is False and last.get("reason") == "OOMKilled":
        told, code = last, last.get("exitCode")
        reason = last_reason = "OOMKilled"
    else:
        return None
    name = _interned(row.get("name"))
    message = _text(told.get("message")) or _text(last.get("message"))
    return ContainerTrouble(
        container=name,
        image=images.get(name) or _text(row.get("image")),
        reason=sys.intern(reason),
        message=message[:MESSAGE_LIMIT],
        exit_code=code if isinstance(code, int) else None,
        restarts=_int(row.get("restartCount")),
        last_reason=sys.intern(last_reason),
        is_init=is_init,
    )


def _service(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    return ServiceStatus(
        type=_interned(spec.get("type")) or "ClusterIP",
        cluster_ip=_text(spec.get("clusterIP")),
        address=_address(status),
        has_selector=bool(spec.get("selector")) and spec.get("type") != "ExternalName",
        ports=tuple(_int(row.get("port")) for row in _maps(spec.get("ports"))[:20]),
        created_at=_text(_map(manifest.get("metadata")).get("creationTimestamp")),
    )


def _endpoint_slice(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    labels = _map(_map(manifest.get("metadata")).get("labels"))
    endpoints = _maps(manifest.get("endpoints"))
    ready = sum(1 for row in endpoints if _map(row.get("conditions")).get("ready") is not False)
    return EndpointStatus(_interned(labels.get("kubernetes.io/service-name")), ready, len(endpoints))


def _ingress(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    hosts = tuple(_text(row.get("host"))[:253] for row in _maps(spec.get("rules"))[:20] if row.get("host"))
    return IngressStatus(_address(status), hosts)


def _claim(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return ClaimStatus(
        phase=_interned(status.get("phase")),
        capacity=_text(_map(status.get("capacity")).get("storage")),
        storage_class=_interned(spec.get("storageClassName")),
        volume=_text(spec.get("volumeName")),
    )


def _storage_class(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> Status:
    return StorageClassStatus(manifest.get("volumeBindingMode") == "WaitForFirstConsumer")


def _scaler(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    return ScalerStatus(
        current=_int(status.get("currentReplicas")),
        desired=_int(status.get("desiredReplicas")),
        least=_count(spec.get("minReplicas"), 1),
        most=_int(spec.get("maxReplicas")),
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
            _interned(row.get("type")),
            _interned(row.get("status")),
            _interned(row.get("reason")),
            _text(row.get("message"))[:MESSAGE_LIMIT] if not transitions or row.get("status") == "False" else "",
        )
        for row in _maps(status.get("conditions"))[:30]
    )


def _images(spec: Mapping[str, Any]) -> tuple[str, ...]:
    template = _map(_map(spec.get("template")).get("spec"))
    return tuple(_text(row.get("image"))[:300] for row in _maps(template.get("containers"))[:20])


def _containers(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from _maps(spec.get("initContainers"))
    yield from _maps(spec.get("containers"))


def _container_statuses(status: Mapping[str, Any]) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    yield from ((True, row) for row in _maps(status.get("initContainerStatuses")))
    yield from ((False, row) for row in _maps(status.get("containerStatuses")))


def _address(status: Mapping[str, Any]) -> str:
    for row in _maps(_map(status.get("loadBalancer")).get("ingress")):
        found = _text(row.get("hostname")) or _text(row.get("ip"))
        if found:
            return found
    return ""


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _interned(value: Any) -> str:
    return sys.intern(value) if isinstance(value, str) else ""


def _int(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _count(value: Any, absent: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else absent


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
