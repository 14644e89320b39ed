"""What runs pods: healthy when as many are ready as are wanted, each kind by its own counters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from clusters.domain.judgement import (
    Conditions,
    Health,
    ObjectContext,
    State,
    all_ready,
    in_grace,
    is_true,
    part_of,
    plural,
    words_of,
)
from clusters.domain.observed import CronJobStatus, JobStatus, PodStatus, WorkloadStatus
from clusters.domain.reading import moment
from clusters.domain.rules.overdue import never_comes, overdue

RUNS_AGAIN_S = 10.0


def deployment(status: WorkloadStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """kstatus; but paused is reported instead of waited for, and refused pods degrade at once."""
    desired = status.desired or 0
    progressing = conditions.get("Progressing")
    if status.paused:
        return Health(State.SUSPENDED, f"paused; {part_of(status.ready, desired)} pods ready")
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        return Health(
            State.FAILED, f"the rollout exceeded its progress deadline; {part_of(status.ready, desired)} pods ready"
        )
    waiting = _refused(conditions) or _counters(status, desired)
    if waiting is not None:
        return waiting
    if status.deadline and progressing is not None and progressing.reason not in ("NewReplicaSetAvailable", ""):
        return Health(State.PROGRESSING, "the rollout is finishing")
    if desired and not is_true(conditions, "Available"):
        return Health(State.PROGRESSING, "pods are ready but not available yet")
    return all_ready(desired)


def replica_set(status: WorkloadStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """ReplicaSet and ReplicationController."""
    desired = status.desired or 0
    return _refused(conditions) or _counters(status, desired) or all_ready(desired)


def stateful_set(status: WorkloadStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """kstatus, but with OnDelete the pods must still be ready: only the revision is then the user's affair.

    A pod counts only after minReadySeconds. Source: Kubernetes docs, "StatefulSets", section "Minimum ready seconds".
    """
    desired = status.desired or 0
    if status.current < desired or status.ready < desired:
        return Health(State.PROGRESSING, f"{part_of(status.ready, desired)} pods ready")
    if status.current > desired:
        return Health(State.PROGRESSING, f"waiting for {plural(status.current - desired, 'extra pod')} to terminate")
    if not status.on_delete and status.partition:
        wanted = max(0, desired - status.partition)
        if status.updated < wanted:
            return Health(
                State.PROGRESSING, f"{part_of(status.updated, wanted)} pods updated (partition {status.partition})"
            )
    elif not status.on_delete and not status.rolled and status.updated < desired:
        return Health(State.PROGRESSING, f"{part_of(status.updated, desired)} pods updated")
    if status.available < desired:
        return Health(State.PROGRESSING, f"{part_of(status.available, desired)} pods available")
    return all_ready(desired)


def daemon_set(status: WorkloadStatus, conditions: Conditions, context: ObjectContext) -> Health:
    if status.desired is None:
        return Health(State.PROGRESSING, "the controller has not processed it yet")
    desired = status.desired
    if status.current < desired:
        return Health(State.PROGRESSING, f"{part_of(status.current, desired)} pods scheduled")
    if not status.on_delete and status.updated < desired:
        return Health(State.PROGRESSING, f"{part_of(status.updated, desired)} pods updated")
    if status.available < desired or status.ready < desired:
        return Health(State.PROGRESSING, f"{part_of(min(status.ready, status.available), desired)} pods ready")
    if desired == 0:
        return Health(State.PRESENT, "no node matches its selector, so nothing of it runs")
    return Health(State.HEALTHY, f"{part_of(status.ready, desired)} pods ready")


def job(status: JobStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A running Job is not done yet (Argo CD): others may wait for its end."""
    if is_true(conditions, "Failed"):
        return Health(State.FAILED, f"the job failed: {words_of(conditions['Failed'], 'no reason given')}")
    if is_true(conditions, "Complete"):
        return Health(State.HEALTHY, f"complete, {plural(status.succeeded, 'pod')} succeeded")
    if status.suspended:
        return Health(State.SUSPENDED, "suspended")
    if not status.started:
        return Health(State.PROGRESSING, "not started yet")
    done = f"{part_of(status.succeeded, status.completions or 1)} done"
    attempts = f", {plural(status.failed, 'failed attempt')}" if status.failed else ""
    return Health(State.PROGRESSING, f"running, {done}{attempts}")


def cron_job(status: CronJobStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """What was seen of its Jobs: that one runs, or that the last one succeeded, as lately as its schedule asks."""
    if status.suspended:
        return Health(State.SUSPENDED, "suspended")
    if status.active:
        return Health(State.HEALTHY, f"{plural(status.active, 'job')} running")
    if never_comes(status.schedule):
        return Health(State.DEGRADED, f"its schedule names a day that no year has: {status.schedule}")
    missed, left_s = overdue(status, context.now)
    if missed is not None:
        return Health(
            State.DEGRADED, f"it has missed its times since {missed:%Y-%m-%dT%H:%M:%SZ}: no Job of it was made"
        )
    return replace(_last_run(status), recheck_s=left_s)


def _last_run(status: CronJobStatus) -> Health:
    last, succeeded = moment(status.last_scheduled_at), moment(status.last_succeeded_at)
    if succeeded is not None and (last is None or succeeded >= last):  # without a time, a person started it
        return Health(State.HEALTHY, f"last ran {status.last_scheduled_at or status.last_succeeded_at}")
    if last is None:
        return Health(State.PRESENT, "scheduled; it has not run yet")
    return Health(State.PRESENT, f"last ran {status.last_scheduled_at}; its controller has not seen that succeed")


def pod(status: PodStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """A failed pod has failed (kstatus calls it current); waiting with an error degrades it (Argo CD)."""
    if status.phase == "Succeeded":
        return Health(State.HEALTHY, "completed")
    if status.phase == "Failed":
        return Health(State.FAILED, _sentence(status.reason, status.message) or _exit_words(status) or "the pod failed")
    for trouble in status.troubles:
        if _is_error(trouble.reason) or trouble.reason == "OOMKilled":
            return Health(State.DEGRADED, f"container {trouble.container}: {trouble.reason}")
    if status.phase == "Running" and status.ready:
        return runs_again(status, context.now) or Health(State.HEALTHY, "ready")
    if status.unschedulable:
        return in_grace(
            status.unschedulable_since,
            context.now,
            Health(State.DEGRADED, f"it cannot be scheduled: {status.unschedulable}"),
        )
    if status.phase == "Running":
        return Health(State.PROGRESSING, "running, not ready yet")
    return Health(State.PROGRESSING, "starting" if status.phase == "Pending" else status.phase or "starting")


def runs_again(status: PodStatus, now: datetime | None) -> Health | None:
    """A container that crashed is no green light as soon as it runs again: not before it has for as long as the kubelet
    waits between two starts. Source: Kubernetes docs, "Pod Lifecycle", section "Container restarts"."""
    started = moment(status.restarted_at)
    if now is None or started is None:
        return None
    ran_s = (now - started).total_seconds()
    if not -RUNS_AGAIN_S < ran_s < RUNS_AGAIN_S:  # the other side is a clock that is wrong
        return None
    left_s = min(RUNS_AGAIN_S - ran_s, RUNS_AGAIN_S)
    return Health(
        State.PROGRESSING,
        f"container {status.crashed} crashed and runs again ({plural(status.restarts, 'restart')})",
        recheck_s=left_s,
    )


def _counters(status: WorkloadStatus, desired: int) -> Health | None:
    if status.updated < desired:
        return Health(State.PROGRESSING, f"{part_of(status.updated, desired)} pods updated")
    if status.current > desired:
        return Health(State.PROGRESSING, f"waiting for {plural(status.current - desired, 'old pod')} to terminate")
    if status.ready < desired:
        return Health(State.PROGRESSING, f"{part_of(status.ready, desired)} pods ready")
    if status.available < desired:
        return Health(State.PROGRESSING, f"{part_of(status.available, desired)} pods available")
    return None


def _refused(conditions: Conditions) -> Health | None:
    if not is_true(conditions, "ReplicaFailure"):
        return None
    return Health(State.DEGRADED, f"pods cannot be created: {words_of(conditions['ReplicaFailure'], 'refused')}")


def _is_error(reason: str) -> bool:
    return reason.startswith("Err") or reason.endswith(("Error", "BackOff")) or reason == "InvalidImageName"


def _exit_words(status: PodStatus) -> str:
    for trouble in status.troubles:
        if trouble.exit_code is not None:
            return f"container {trouble.container} exited with code {trouble.exit_code}"
    return ""


def _sentence(reason: str, message: str) -> str:
    return f"{reason}: {message}" if reason and message else reason or message
