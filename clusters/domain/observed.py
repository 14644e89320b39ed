"""What is kept of an observed object: a few facts by kind, small enough to hold ten thousand pods in memory.

`projection` makes these from manifests, `health` and `diagnosis` judge them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from clusters.domain.objects import Ref


class Owner(NamedTuple):
    """The controller that an object belongs to."""

    kind: str
    name: str
    uid: str


class Condition(NamedTuple):
    type: str
    status: str
    reason: str
    message: str


class OutsideEdit(NamedTuple):
    """The last edit of content by somebody who is neither us nor a controller, later than our own last one."""

    manager: str
    """The field manager, as `kubectl-edit`."""
    at: str
    """RFC 3339."""


@dataclass(frozen=True, slots=True)
class WorkloadStatus:
    """Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet: counters under one set of names."""

    desired: int | None = None
    current: int = 0
    updated: int = 0
    ready: int = 0
    available: int = 0
    paused: bool = False
    on_delete: bool = False
    partition: int = 0
    rolled: bool = True
    """StatefulSet: every pod has the update revision."""
    deadline: bool = True
    """Deployment: a progress deadline is set, so the Progressing condition can be relied on."""
    conditions: tuple[Condition, ...] = ()
    images: tuple[str, ...] = ()
    pod_labels: tuple[tuple[str, str], ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    """ConfigMaps and Secrets, by kind and name, that its pods read once, when they start."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    completions: int | None = None
    suspended: bool = False
    started: bool = False
    started_at: str = ""
    ended_at: str = ""
    removes_itself: bool = False
    """Its time to live removes it once it has ended."""
    conditions: tuple[Condition, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CronJobStatus:
    schedule: str = ""
    suspended: bool = False
    active: int = 0
    last_scheduled_at: str = ""
    last_succeeded_at: str = ""
    """When the last Job that succeeded ended."""
    time_zone: str = ""
    """Of its schedule; "" where it names none."""
    edited_at: str = ""
    """When its spec was written last, or when it was made."""
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
    has_memory_limit: bool


@dataclass(frozen=True, slots=True)
class PodStatus:
    phase: str = ""
    ready: bool = False
    restarts: int = 0
    troubles: tuple[ContainerTrouble, ...] = ()
    unready: tuple[str, ...] = ()
    """Containers that run and do not pass their readiness probe."""
    unschedulable: str = ""
    """Why no node can take it, as the scheduler says."""
    unschedulable_since: str = ""
    claims: tuple[str, ...] = ()
    """While it cannot be scheduled: the PersistentVolumeClaims it mounts."""
    node_selector: tuple[tuple[str, str], ...] = ()
    """While it cannot be scheduled."""
    reason: str = ""
    message: str = ""
    started_at: str = ""
    """When the first of its running containers started, RFC 3339."""
    crashed: str = ""
    """The container that was started last after it had ended with an error; "" for none."""
    restarted_at: str = ""
    """When that was started, RFC 3339."""


@dataclass(frozen=True, slots=True)
class ContentStatus:
    """A ConfigMap or Secret: of its content, only when it changed last, RFC 3339."""

    changed_at: str = ""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    type: str = "ClusterIP"
    cluster_ip: str = ""
    address: str = ""
    has_selector: bool = False
    ports: tuple[int, ...] = ()
    port_names: tuple[str, ...] = ()
    selector: tuple[tuple[str, str], ...] = ()
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """An EndpointSlice: how many addresses it has for its Service, and how many are ready."""

    service: str = ""
    ready: int = 0
    total: int = 0


class Backend(NamedTuple):
    """Where an Ingress sends requests to."""

    service: str
    port: str
    """Its number or its name."""


@dataclass(frozen=True, slots=True)
class IngressStatus:
    address: str = ""
    hosts: tuple[str, ...] = ()
    backends: tuple[Backend, ...] = ()
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    phase: str = ""
    capacity: str = ""
    storage_class: str = ""
    names_class: bool = False
    """It says which class, be it none ("")."""
    volume: str = ""
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class StorageClassStatus:
    waits_for_consumer: bool = False
    provisioner: str = ""


@dataclass(frozen=True, slots=True)
class ScalerStatus:
    current: int = 0
    desired: int = 0
    least: int = 1
    most: int = 0
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherStatus:
    """Of any kind without a rule of its own: what statuses have in common."""

    OUTDATED: ClassVar[str] = "Outdated"
    """In the place of a condition's status that is about an older generation of the object."""

    conditions: tuple[Condition, ...] = ()
    parts: tuple[tuple[str, tuple[Condition, ...]], ...] = ()
    """Conditions about a part of it: a route's parents, a Gateway's listeners."""
    awaited: tuple[str, ...] = ()
    """Parents that a route names and that have not said whether they accept it: "Gateway web"."""
    phase: str = ""
    desired: int | None = None
    """Replicas."""
    ready: int | None = None
    updated: int | None = None
    flag: bool | None = None
    """`ready` or `readyToUse`, where that is true or false; of a CertificateSigningRequest, whether it was issued."""
    suspended: bool = False
    error: str = ""
    is_empty: bool = True
    """It has no status at all."""
    created_at: str = ""
    ended_at: str = ""
    removes_itself: bool = False
    """Its time to live removes it once it has ended."""


@dataclass(frozen=True, slots=True)
class UnreadableStatus:
    """The object is there, and what it says could not be read."""

    reason: str = ""


Status = (
    WorkloadStatus
    | JobStatus
    | CronJobStatus
    | PodStatus
    | ContentStatus
    | ServiceStatus
    | EndpointStatus
    | IngressStatus
    | ClaimStatus
    | StorageClassStatus
    | ScalerStatus
    | OtherStatus
    | UnreadableStatus
)


NO_MARKS = bytes(16)


@dataclass(frozen=True, slots=True)
class ObservedObject:
    """One object as the API server last showed it."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str
    resource_version: str
    environment_id: str
    node_id: str
    owner: Owner | None
    """None for an object that a person (or we) made."""
    deleting: bool
    settled: bool
    """The controller has seen the newest generation, or the kind does not report it."""
    outside_edit: OutsideEdit | None
    makes_unlabelled: bool
    """Controllers make pods of it, or may, that do not carry our labels: only owner references lead to them."""
    status: Status
    marks: bytes = NO_MARKS
    """Two of 8 bytes, which as numbers would take 32 bytes more: of our fields and of the content."""

    @property
    def our_fields(self) -> int:
        """Mark of the fields that we applied (`ownership.touches.mark_of`); 0 of what no run of ours applies."""
        return int.from_bytes(self.marks[:8], "big")

    @property
    def content(self) -> int:
        """Mark of all content but the status; 0 of what no run of ours applies."""
        return int.from_bytes(self.marks[8:], "big")

    @property
    def ref(self) -> Ref:
        return Ref(self.api_version, self.kind, self.namespace, self.name)


class WarningEvent(NamedTuple):
    """One Warning event of the cluster, about the object with that uid."""

    uid: str
    reason: str
    message: str
    times: int
    """How often it happened."""
    at: str
    """When it last happened, RFC 3339."""
