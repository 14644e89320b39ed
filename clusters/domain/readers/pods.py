"""What is kept of a pod: its phase, and what is wrong with its containers."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.observed import Condition, ContainerTrouble, PodStatus, Status
from clusters.domain.readers.parts import conditions_of, message_of, pairs_of
from clusters.domain.reading import integer, interned, mapping, mappings, number, text

TIME_LIMIT = 40
NAME_LIMIT = 253
GATES = 5
CLAIMS = 20
SELECTED = 10


def pod(spec: Mapping[str, Any], status: Mapping[str, Any], _: Manifest) -> Status:
    conditions = {row.type: row for row in conditions_of(status, transitions=True)}
    ready = conditions.get("Ready")
    scheduled = conditions.get("PodScheduled")
    unschedulable = scheduled is not None and scheduled.status == "False"
    images = {text(row.get("name")): text(row.get("image")) for row in _containers(spec)}
    limited = {text(row.get("name")) for row in _containers(spec) if _limits_memory(spec) or _limits_memory(row)}
    troubles: list[ContainerTrouble] = []
    unready: list[str] = []
    restarts = 0
    for is_init, row in _container_statuses(status):
        restarts += integer(row.get("restartCount"))
        trouble = _trouble(row, images, limited, is_init)
        if trouble is not None:
            troubles.append(trouble)
        elif not is_init and "running" in mapping(row.get("state")) and row.get("ready") is False:
            unready.append(interned(row.get("name")))
    restarted_at, crashed = max(_restarts(status), default=("", ""))
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
        unschedulable=_why_unscheduled(spec, scheduled) if scheduled is not None and unschedulable else "",
        unschedulable_since=since,
        claims=_claims(spec) if unschedulable else (),
        node_selector=pairs_of(spec.get("nodeSelector"))[:SELECTED] if unschedulable else (),
        reason=interned(status.get("reason")),
        message=message_of(status.get("message")),
        started_at=min(_starts(status), default=""),
        crashed=crashed,
        restarted_at=restarted_at,
    )


def _why_unscheduled(spec: Mapping[str, Any], scheduled: Condition) -> str:
    gates = [text(row.get("name"))[:NAME_LIMIT] for row in mappings(spec.get("schedulingGates"))[:GATES]]
    if scheduled.reason == "SchedulingGated" and gates:
        return f"it waits for its scheduling gates to be removed: {', '.join(gates)}"
    return scheduled.message or scheduled.reason or "the scheduler does not say why"


def _claims(spec: Mapping[str, Any]) -> tuple[str, ...]:
    names = (
        text(mapping(row.get("persistentVolumeClaim")).get("claimName"))[:NAME_LIMIT]
        for row in mappings(spec.get("volumes"))
    )
    return tuple(name for name in names if name)[:CLAIMS]


def _starts(status: Mapping[str, Any]) -> Iterator[str]:
    for row in mappings(status.get("containerStatuses")):
        started = text(mapping(mapping(row.get("state")).get("running")).get("startedAt"))
        if started:
            yield started[:TIME_LIMIT]


def _restarts(status: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(when, which) of containers that run again after they ended with an error."""
    for row in mappings(status.get("containerStatuses")):
        started = text(mapping(mapping(row.get("state")).get("running")).get("startedAt"))
        if started and integer(mapping(mapping(row.get("lastState")).get("terminated")).get("exitCode")):
            yield started[:TIME_LIMIT], interned(text(row.get("name"))[:NAME_LIMIT])


def _limits_memory(spec: Mapping[str, Any]) -> bool:
    """A container, or a pod with limits for all of its containers."""
    return "memory" in mapping(mapping(spec.get("resources")).get("limits"))


def _trouble(
    row: Mapping[str, Any], images: Mapping[str, str], limited: Collection[str], is_init: bool
) -> ContainerTrouble | None:
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
    message = message_of(state_shown.get("message")) or message_of(last.get("message"))
    return ContainerTrouble(
        container=name,
        image=images.get(name) or text(row.get("image")),
        reason=sys.intern(reason),
        message=message,
        exit_code=number(code),
        restarts=integer(row.get("restartCount")),
        last_reason=sys.intern(last_reason),
        is_init=is_init,
        has_memory_limit=name in limited,
    )


def _containers(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from mappings(spec.get("initContainers"))
    yield from mappings(spec.get("containers"))


def _container_statuses(status: Mapping[str, Any]) -> Iterator[tuple[bool, Mapping[str, Any]]]:
    yield from ((True, row) for row in mappings(status.get("initContainerStatuses")))
    yield from ((False, row) for row in mappings(status.get("containerStatuses")))
