"""Objects that remove themselves once they have ended: how they ended must be known when they are gone."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from clusters.domain.health import State, health_of
from clusters.domain.objects import Ref
from clusters.domain.observed import JobStatus, ObservedObject, OtherStatus


class Ended(NamedTuple):
    """How an object ended that its time to live removes."""

    ref: Ref
    uid: str
    at: str
    """RFC 3339; "" where the object does not say."""
    succeeded: bool
    reason: str


def ended(seen: ObservedObject) -> Ended | None:
    """How the object ended; None while it has not, and for one that stays."""
    status = seen.status
    if not isinstance(status, (JobStatus, OtherStatus)) or not status.removes_itself:
        return None
    health = health_of(replace(seen, deleting=False))
    if health.state not in (State.HEALTHY, State.FAILED):
        return None
    return Ended(seen.ref, seen.uid, status.ended_at, health.state == State.HEALTHY, health.reason)
