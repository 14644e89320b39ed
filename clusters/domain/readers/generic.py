"""What is kept of an object of any other kind: whatever its status has in common with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.observed import Condition, OtherStatus
from clusters.domain.readers.parts import conditions_of, ended_at_of, message_of
from clusters.domain.reading import generation, integer, interned, mapping, mappings, text

PARTS = 64
"""As many as there may be: listeners of a Gateway 64, parents of a route 32, ancestors of a policy 16.
Source: Gateway API, "API specification"."""
GATEWAY_API = "gateway.networking.k8s.io"
PHASE_LIMIT = 60
ILL = ("red", "yellow")
"""Whatever it is doing meanwhile, and ready as it may be.
Source: Elastic Cloud on Kubernetes, API reference, "ElasticsearchHealth"."""


def generic(spec: Mapping[str, Any], status: Mapping[str, Any], manifest: Manifest) -> OtherStatus:
    """Conditions, those of its parts too; phase; counters of replicas. Conditions about an older generation are
    marked as such.
    """
    metadata = mapping(manifest.get("metadata"))
    current = generation(metadata.get("generation")) or 0
    ready = status.get("ready", status.get("readyToUse"))
    return OtherStatus(
        conditions=_conditions(status, current),
        parts=tuple(_parts(status, current)),
        awaited=_awaited(spec, status, text(metadata.get("namespace"))),
        phase=_phase(status),
        desired=_desired(spec, status),
        ready=_first(status, "readyReplicas", "availableReplicas", "numberReady"),
        updated=_first(status, "updatedReplicas", "updatedNumberScheduled"),
        flag=ready if isinstance(ready, bool) else None,
        suspended=spec.get("suspend") is True or spec.get("paused") is True or spec.get("suspended") is True,
        error=_error(status),
        is_empty=not status,
        created_at=text(metadata.get("creationTimestamp")),
        ended_at=ended_at_of(status),
        removes_itself=isinstance(spec.get("ttlSecondsAfterFinished"), int),
    )


def _conditions(status: Mapping[str, Any], current: int) -> tuple[Condition, ...]:
    rows = mappings(status.get("conditions"))[:30]
    return tuple(
        row._replace(status=OtherStatus.OUTDATED, message="the controller has not processed the latest change yet")
        if current and 0 < (generation(raw.get("observedGeneration")) or 0) < current
        else row
        for row, raw in zip(conditions_of(status), rows, strict=True)
    )


def _parts(status: Mapping[str, Any], current: int) -> list[tuple[str, tuple[Condition, ...]]]:
    """Parents of a route, listeners of a Gateway, ancestors of a policy, routers of an OpenShift Route."""
    found = []
    for key in ("parents", "listeners", "ancestors", "ingress"):
        for row in mappings(status.get(key))[:PARTS]:
            ref = mapping(row.get("parentRef")) or mapping(row.get("ancestorRef"))
            name = text(ref.get("name")) or text(row.get("name")) or text(row.get("routerName"))
            found.append((name[:253], _conditions(row, current)))
    return found


def _awaited(spec: Mapping[str, Any], status: Mapping[str, Any], namespace: str) -> tuple[str, ...]:
    """Parents of a route whose controller has not seen it, or is not there: each adds an entry of its own when it does.

    Source: Gateway API, "API specification", RouteParentStatus and ParentReference (what a reference leaves out is a
    Gateway of the route's namespace). Entries for sections of one Gateway are its own affair.
    """
    wanted = [_parent_of(row, namespace) for row in mappings(spec.get("parentRefs"))[:PARTS]]
    if not wanted:
        return ()
    told = {
        _parent_of(mapping(row.get("parentRef")), namespace)
        for row in mappings(status.get("parents"))
        if any(one.get("type") == "Accepted" for one in mappings(row.get("conditions")))
    }
    missing = [one for one in dict.fromkeys(wanted) if one not in told]
    return tuple(f"{kind} {name if place == namespace else f'{place}/{name}'}" for _, kind, place, name in missing)


def _parent_of(ref: Mapping[str, Any], namespace: str) -> tuple[str, str, str, str]:
    """(group, kind, namespace, name)"""
    group = ref.get("group")
    return (
        text(group)[:253] if group is not None else GATEWAY_API,
        text(ref.get("kind"))[:63] or "Gateway",
        text(ref.get("namespace"))[:63] or namespace[:63],
        text(ref.get("name"))[:253],
    )


def _phase(status: Mapping[str, Any]) -> str:
    if status.get("health") in ILL:
        return str(status["health"])
    for value in (
        status.get("phase"),
        mapping(status.get("state")).get("phase"),
        status.get("state"),
        mapping(status.get("health")).get("status"),
        status.get("health"),
        status.get("status"),
        status.get("jobStatus"),  # RayJob
        mapping(status.get("applicationState")).get("state"),  # SparkApplication
        status.get("PostgresClusterStatus"),  # Zalando's postgresql
    ):
        if isinstance(value, str) and value:
            return interned(value[:PHASE_LIMIT])
    return ""


def _desired(spec: Mapping[str, Any], status: Mapping[str, Any]) -> int | None:
    for value in (spec.get("replicas"), status.get("desiredNumberScheduled"), status.get("replicas")):
        if isinstance(value, int) and not isinstance(value, bool):
            return integer(value)
    return None


def _first(status: Mapping[str, Any], *names: str) -> int | None:
    """The first of these counters; 0 for ready ones where others are counted, since Kubernetes leaves out what is 0."""
    for name in names:
        value = status.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return integer(value)
    is_counted = "updatedReplicas" in status or "unavailableReplicas" in status
    return 0 if is_counted and names[0] == "readyReplicas" else None


def _error(status: Mapping[str, Any]) -> str:
    error = status.get("error")
    return message_of(error) or message_of(mapping(error).get("message"))
