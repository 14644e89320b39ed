"""What can be said of the health of an object: the words, and what a rule goes by beside the object itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from clusters.domain.observed import Backend, Condition, ServiceStatus
from clusters.domain.reading import moment

GRACE_S = 15
"""How long a pod may look for a node, or a new Service for its pods, before the object is degraded (kstatus)."""


FIRST_STATUS_S = 5
"""How long a new object may be without any status before it counts as one that never has one."""


class State(StrEnum):
    """From the best to the worst."""

    HEALTHY = "healthy"
    PRESENT = "present"
    """It is there, and nothing that it says can be judged: neither green nor wrong."""
    SUSPENDED = "suspended"
    PROGRESSING = "progressing"
    UNKNOWN = "unknown"
    DEGRADED = "degraded"
    MISSING = "missing"
    FAILED = "failed"


SEVERITY = {state: rank for rank, state in enumerate(State)}
Conditions = dict[str, Condition]
"""By type."""


@dataclass(frozen=True, slots=True)
class Health:
    state: State
    reason: str
    """One sentence, for the card."""
    recheck_s: float | None = None
    """Judge again after this many seconds even if nothing changes: a grace period ends then."""


class Behind(NamedTuple):
    """What is behind one backend of an Ingress."""

    backend: Backend
    service: ServiceStatus | None
    """None where there is no such Service, or it is not seen."""
    health: Health
    """Of the Service; where there is none, how bad that is."""


@dataclass(frozen=True, slots=True)
class ObjectContext:
    """What a rule needs to know beside the object itself."""

    now: datetime | None = None
    endpoints: tuple[int, int] | None = None
    """Of a Service: ready addresses and all; None where no slice of it is seen."""
    unlisted: str = ""
    """Of a Service: why its slices cannot be seen; "" where they would be seen if there were any."""
    backends: tuple[int, int] | None = None
    """Of a Service: how many pods the workloads that its selector matches want, and how many are ready; None where
    there are no such."""
    waits_for_consumer: bool = False
    """Of a claim: its StorageClass binds it only when a pod uses it."""
    no_volume: str = ""
    """Of a claim: why it cannot get a volume."""
    behind: tuple[Behind, ...] = ()
    """Of an Ingress: the Services that it routes to."""


NO_CONTEXT = ObjectContext()


def in_grace(since: str, now: datetime | None, trouble: Health, grace_s: float = GRACE_S) -> Health:
    """`trouble` once it has lasted `grace_s`; until then the same reason as progressing, to be judged again."""
    started = moment(since)
    if now is None or started is None:
        return trouble
    left_s = grace_s - (now - started).total_seconds()
    return trouble if left_s <= 0 else Health(State.PROGRESSING, trouble.reason, recheck_s=min(left_s, grace_s))


def is_true(conditions: Conditions, kind: str) -> bool:
    row = conditions.get(kind)
    return row is not None and row.status == "True"


def words_of(condition: Condition, fallback: str) -> str:
    return condition.message or condition.reason or fallback


def part_of(part: int, whole: int) -> str:
    return f"{part} of {whole}"


def plural(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"


def all_ready(desired: int) -> Health:
    return Health(State.HEALTHY, "scaled to 0" if desired == 0 else f"{part_of(desired, desired)} pods ready")
