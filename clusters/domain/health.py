"""Is one object healthy? One rule for each kind, over what `projection` keeps of it.

Sources: kstatus (cli-utils, pkg/kstatus/status/core.go, generic.go) for the order of the general rules and the
counters; Argo CD's gitops-engine (pkg/health) where it is stricter; where neither helps
(paused Deployments, running Jobs, lost claims, Services without endpoints) our own rule, explained at the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from clusters.domain.observed import (
    ClaimStatus,
    Condition,
    CronJobStatus,
    IngressStatus,
    JobStatus,
    ObservedObject,
    OtherStatus,
    PodStatus,
    ScalerStatus,
    ServiceStatus,
    StorageClassStatus,
    UnreadableStatus,
    WorkloadStatus,
)
from clusters.domain.reading import moment

GRACE_S = 15
"""How long a pod may look for a node, or a new Service for its pods, before the object is degraded (kstatus)."""


class State(StrEnum):
    HEALTHY = "healthy"
    SUSPENDED = "suspended"
    PROGRESSING = "progressing"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    MISSING = "missing"
    FAILED = "failed"


SEVERITY = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Health:
    state: State
    reason: str
    """One sentence, for the card."""
    recheck_s: float | None = None
    """Judge again after this many seconds even if nothing changes: a grace period ends then."""


@dataclass(frozen=True, slots=True)
class ObjectContext:
    """What a rule needs to know beside the object itself."""

    now: datetime | None = None
    endpoints: tuple[int, int] | None = None
    """Of a Service: ready addresses and all; None while its slices are not known."""
    waits_for_consumer: bool = False
    """Of a claim: its StorageClass binds it only when a pod uses it."""


NO_CONTEXT = ObjectContext()


def worst(healths: Iterable[Health]) -> Health:
    """The most severe one; `unknown` for none."""
    ranked = sorted(healths, key=lambda health: SEVERITY[health.state])
    return ranked[-1] if ranked else Health(State.UNKNOWN, "nothing has been observed yet")


def health_of(seen: ObservedObject, context: ObjectContext = NO_CONTEXT) -> Health:
    """The object's health by its own status and `context`; the reasons of its pods are left to `diagnosis`."""
    if isinstance(seen.status, UnreadableStatus):
        return Health(State.UNKNOWN, seen.status.reason)
    if seen.deleting:
        return Health(State.PROGRESSING, "being deleted")
    if not seen.settled:
        return Health(State.PROGRESSING, "the controller has not processed the latest change yet")
    conditions = {row.type: row for row in getattr(seen.status, "conditions", ())}
    if _is(conditions, "Reconciling"):
        return Health(State.PROGRESSING, _words(conditions["Reconciling"], "reconciling"))
    if _is(conditions, "Stalled"):
        return Health(State.FAILED, _words(conditions["Stalled"], "stalled"))
    rule = _RULES.get(type(seen.status))
    by_kind = _BY_KIND.get(seen.kind)
    if by_kind is not None:
        return by_kind(seen.status, conditions)
    if rule is not None:
        return rule(seen.status, context)
    return _by_ready(conditions)


# Workloads


def _deployment(status: WorkloadStatus, conditions: dict[str, Condition]) -> Health:
    """kstatus; but paused is reported instead of waited for, and refused pods degrade at once."""
    desired = status.desired or 0
    progressing = conditions.get("Progressing")
    if status.paused:
        return Health(State.SUSPENDED, f"paused; {_of(status.ready, desired)} pods ready")
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        return Health(
            State.FAILED, f"the rollout exceeded its progress deadline; {_of(status.ready, desired)} pods ready"
        )
    if _is(conditions, "ReplicaFailure"):
        return Health(State.DEGRADED, f"pods cannot be created: {_words(conditions['ReplicaFailure'], 'refused')}")
    waiting = _counters(status, desired)
    if waiting is not None:
        return waiting
    if status.deadline and progressing is not None and progressing.reason not in ("NewReplicaSetAvailable", ""):
        return Health(State.PROGRESSING, "the rollout is finishing")
    if desired and not _is(conditions, "Available"):
        return Health(State.PROGRESSING, "pods are ready but not available yet")
    return _all_ready(desired)


def _counters(status: WorkloadStatus, desired: int) -> Health | None:
    if status.updated < desired:
        return Health(State.PROGRESSING, f"{_of(status.updated, desired)} pods updated")
    if status.current > desired:
        return Health(State.PROGRESSING, f"waiting for {_plural(status.current - desired, 'old pod')} to stop")
    if status.ready < desired:
        return Health(State.PROGRESSING, f"{_of(status.ready, desired)} pods ready")
    if status.available < desired:
        return Health(State.PROGRESSING, f"{_of(status.available, desired)} pods available")
    return None


def _replica_set(status: WorkloadStatus, conditions: dict[str, Condition]) -> Health:
    desired = status.desired or 0
    if _is(conditions, "ReplicaFailure"):
        return Health(State.DEGRADED, f"pods cannot be created: {_words(conditions['ReplicaFailure'], 'refused')}")
    return _counters(status, desired) or _all_ready(desired)


def _stateful_set(status: WorkloadStatus, conditions: dict[str, Condition]) -> Health:
    """kstatus, but with OnDelete the pods must still be ready: only the revision is then the user's affair."""
    desired = status.desired or 0
    if status.current < desired or status.ready < desired:
        return Health(State.PROGRESSING, f"{_of(status.ready, desired)} pods ready")
    if status.current > desired:
        return Health(State.PROGRESSING, f"waiting for {_plural(status.current - desired, 'surplus pod')} to stop")
    if not status.on_delete and status.partition:
        wanted = max(0, desired - status.partition)
        if status.updated < wanted:
            return Health(
                State.PROGRESSING, f"{_of(status.updated, wanted)} pods updated (partition {status.partition})"
            )
    elif not status.on_delete and not status.rolled and status.updated < desired:
        return Health(State.PROGRESSING, f"{_of(status.updated, desired)} pods updated")
    return _all_ready(desired)


def _daemon_set(status: WorkloadStatus, conditions: dict[str, Condition]) -> Health:
    if status.desired is None:
        return Health(State.PROGRESSING, "the controller has not processed it yet")
    desired = status.desired
    if status.current < desired:
        return Health(State.PROGRESSING, f"{_of(status.current, desired)} nodes have a pod")
    if not status.on_delete and status.updated < desired:
        return Health(State.PROGRESSING, f"{_of(status.updated, desired)} pods updated")
    if status.available < desired or status.ready < desired:
        return Health(State.PROGRESSING, f"{_of(min(status.ready, status.available), desired)} pods ready")
    return Health(
        State.HEALTHY, "no node matches its selector" if desired == 0 else f"{_of(status.ready, desired)} pods ready"
    )


def _job(status: JobStatus, context: ObjectContext) -> Health:
    """A running Job is not done yet (Argo CD): others may wait for its end."""
    conditions = {row.type: row for row in status.conditions}
    if _is(conditions, "Failed"):
        return Health(State.FAILED, f"the job failed: {_words(conditions['Failed'], 'no reason given')}")
    if _is(conditions, "Complete"):
        return Health(State.HEALTHY, f"complete, {_plural(status.succeeded, 'pod')} succeeded")
    if status.suspended:
        return Health(State.SUSPENDED, "suspended")
    if not status.started:
        return Health(State.PROGRESSING, "not started yet")
    done = f"{_of(status.succeeded, status.completions or 1)} done"
    attempts = f", {_plural(status.failed, 'failed attempt')}" if status.failed else ""
    return Health(State.PROGRESSING, f"running, {done}{attempts}")


def _cron_job(status: CronJobStatus, context: ObjectContext) -> Health:
    if status.suspended:
        return Health(State.SUSPENDED, "suspended")
    if status.active:
        return Health(State.HEALTHY, f"{_plural(status.active, 'job')} running")
    return Health(
        State.HEALTHY, "scheduled" if not status.last_scheduled_at else f"last ran {status.last_scheduled_at}"
    )


def _pod(status: PodStatus, context: ObjectContext) -> Health:
    """A failed pod has failed (kstatus calls it current); waiting with an error degrades it (Argo CD)."""
    if status.phase == "Succeeded":
        return Health(State.HEALTHY, "completed")
    if status.phase == "Failed":
        return Health(State.FAILED, _sentence(status.reason, status.message) or _exit_words(status) or "the pod failed")
    for trouble in status.troubles:
        if _is_error(trouble.reason) or trouble.reason == "OOMKilled":
            return Health(State.DEGRADED, f"container {trouble.container}: {trouble.reason}")
    if status.phase == "Running" and status.ready:
        return Health(State.HEALTHY, "ready")
    if status.unschedulable:
        return in_grace(
            status.unschedulable_since,
            context.now,
            Health(State.DEGRADED, f"no node can take it: {status.unschedulable}"),
        )
    if status.phase == "Running":
        return Health(State.PROGRESSING, "running, not ready yet")
    return Health(State.PROGRESSING, "starting" if status.phase == "Pending" else status.phase or "starting")


# Network


def _service(status: ServiceStatus, context: ObjectContext) -> Health:
    """A LoadBalancer needs an address (Argo CD); and every Service with a selector needs endpoints, our own rule."""
    if status.type == "LoadBalancer" and not status.address:
        return Health(State.PROGRESSING, "waiting for the load balancer's address")
    if status.has_selector and context.endpoints is not None:
        ready, total = context.endpoints
        if ready == 0 and total:
            return Health(State.PROGRESSING, f"none of its {_plural(total, 'endpoint')} is ready")
        if ready == 0:
            return in_grace(status.created_at, context.now, Health(State.DEGRADED, "no ready pod matches its selector"))
        return Health(State.HEALTHY, f"{_of(ready, total)} endpoints ready")
    return Health(State.HEALTHY, status.address or (status.cluster_ip if status.cluster_ip != "None" else "headless"))


def _ingress(status: IngressStatus, context: ObjectContext) -> Health:
    if not status.address:
        return Health(
            State.PROGRESSING, "waiting for an address; the cluster needs an ingress controller for its class"
        )
    return Health(State.HEALTHY, f"at {status.address}")


# Storage, scaling


def _claim(status: ClaimStatus, context: ObjectContext) -> Health:
    """Lost means failed (Argo CD). A class that waits for the first consumer must not hold up that consumer."""
    if status.phase == "Bound":
        return Health(State.HEALTHY, f"bound, {status.capacity}" if status.capacity else "bound")
    if status.phase == "Lost":
        return Health(State.FAILED, "the volume is lost")
    if context.waits_for_consumer:
        return Health(State.SUSPENDED, "bound when the first pod uses it")
    return Health(State.PROGRESSING, "waiting for a volume")


def _scaler(status: ScalerStatus, context: ObjectContext) -> Health:
    """Every condition is checked for failures first (Argo CD stops at the first that matches)."""
    conditions = {row.type: row for row in status.conditions}
    able, active = conditions.get("AbleToScale"), conditions.get("ScalingActive")
    for row in (able, active):
        if row is not None and row.status == "False" and row.reason == "ScalingDisabled":
            return Health(State.SUSPENDED, "scaling is off while the target has 0 replicas")
        if row is not None and row.status == "False" and row.reason.startswith(("Failed", "Invalid", "Ambiguous")):
            return Health(State.DEGRADED, f"cannot scale: {_words(row, row.reason)}")
    if _is(conditions, "AbleToScale") or _is(conditions, "ScalingLimited"):
        return Health(State.HEALTHY, f"{_plural(status.current, 'replica')}, {status.least} to {status.most}")
    return Health(State.PROGRESSING, "no metrics yet")


# The rest


def _definition(status: OtherStatus, conditions: dict[str, Condition]) -> Health:
    named, established = conditions.get("NamesAccepted"), conditions.get("Established")
    if named is not None and named.status == "False":
        return Health(State.FAILED, _words(named, "its names are already in use"))
    if established is not None and established.status == "True":
        return Health(State.HEALTHY, "established")
    if established is not None and established.status == "False" and established.reason != "Installing":
        return Health(State.FAILED, _words(established, "not established"))
    return Health(State.PROGRESSING, "being installed")


def _storage_class(status: StorageClassStatus, context: ObjectContext) -> Health:
    return Health(State.HEALTHY, "present")


def _by_ready(conditions: dict[str, Condition]) -> Health:
    """The rule of kstatus for any kind: the condition Ready, where there is one."""
    ready = conditions.get("Ready")
    if ready is None:
        return Health(State.HEALTHY, "present")
    if ready.status == "True":
        return Health(State.HEALTHY, _words(ready, "ready"))
    return Health(State.PROGRESSING, _words(ready, "not ready yet"))


_BY_KIND: dict[str, Callable[[Any, dict[str, Condition]], Health]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "CustomResourceDefinition": _definition,
}
_RULES: dict[type, Callable[[Any, ObjectContext], Health]] = {
    JobStatus: _job,
    CronJobStatus: _cron_job,
    PodStatus: _pod,
    ServiceStatus: _service,
    IngressStatus: _ingress,
    ClaimStatus: _claim,
    ScalerStatus: _scaler,
    StorageClassStatus: _storage_class,
}


# Sentences


def in_grace(since: str, now: datetime | None, trouble: Health) -> Health:
    """`trouble` once it has lasted GRACE_S; until then the same reason as progressing, to be judged again."""
    started = moment(since)
    if now is None or started is None:
        return trouble
    left_s = GRACE_S - (now - started).total_seconds()
    return trouble if left_s <= 0 else Health(State.PROGRESSING, trouble.reason, recheck_s=min(left_s, GRACE_S))


def _is_error(reason: str) -> bool:
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff")) or reason == "InvalidImageName"


def _exit_words(status: PodStatus) -> str:
    for trouble in status.troubles:
        if trouble.exit_code is not None:
            return f"container {trouble.container} exited with code {trouble.exit_code}"
    return ""


def _all_ready(desired: int) -> Health:
    return Health(State.HEALTHY, "scaled to 0" if desired == 0 else f"{_of(desired, desired)} pods ready")


def _is(conditions: dict[str, Condition], kind: str) -> bool:
    row = conditions.get(kind)
    return row is not None and row.status == "True"


def _words(condition: Condition, fallback: str) -> str:
    return condition.message or condition.reason or fallback


def _sentence(reason: str, message: str) -> str:
    return f"{reason}: {message}" if reason and message else reason or message


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def _plural(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"
