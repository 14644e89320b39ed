"""The states of a build, and every way from one to another: who takes it, and what must hold at that moment.

No other module lists states, and every write of a build's state is made of `move`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class BuildState(StrEnum):
    QUEUED = "queued"
    """It waits for its turn, or for the engine."""
    CLONING = "cloning"
    """A worker fetches the commit."""
    BUILDING = "building"
    """The engine makes the image."""
    PUSHING = "pushing"
    """The image goes to the registry."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Who(StrEnum):
    PERSON = "person"
    """Somebody who may, over the API."""
    CLAIMER = "claimer"
    """A worker that has just got the build's job."""
    HOLDER = "holder"
    """The worker that claimed the build last."""
    QUEUE = "queue"
    """Whoever records that the build's job will not be tried again."""


class Guard(StrEnum):
    NONE = "none"
    """The state alone decides."""
    NOT_OUTRANKED = "not outranked"
    """No later worker has claimed the build."""
    HOLDS = "holds"
    """The build is claimed by this very worker."""


@dataclass(frozen=True, slots=True)
class Transition:
    before: BuildState
    after: BuildState
    who: Who
    guard: Guard


def _table() -> Iterator[Transition]:
    queued, cloning, building, pushing = (
        BuildState.QUEUED,
        BuildState.CLONING,
        BuildState.BUILDING,
        BuildState.PUSHING,
    )
    succeeded, failed, canceled = BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELED
    for before, after, who, guard in (
        (queued, cloning, Who.CLAIMER, Guard.NOT_OUTRANKED),
        (cloning, cloning, Who.CLAIMER, Guard.NOT_OUTRANKED),  # the worker before has died, or was stopped
        (building, cloning, Who.CLAIMER, Guard.NOT_OUTRANKED),
        (pushing, cloning, Who.CLAIMER, Guard.NOT_OUTRANKED),
        (cloning, building, Who.HOLDER, Guard.HOLDS),
        (building, pushing, Who.HOLDER, Guard.HOLDS),
        (cloning, succeeded, Who.HOLDER, Guard.HOLDS),  # the same was built before, or is there already
        (building, succeeded, Who.HOLDER, Guard.HOLDS),  # the registry had every layer
        (pushing, succeeded, Who.HOLDER, Guard.HOLDS),
        (cloning, failed, Who.HOLDER, Guard.HOLDS),
        (building, failed, Who.HOLDER, Guard.HOLDS),
        (pushing, failed, Who.HOLDER, Guard.HOLDS),
        (cloning, canceled, Who.HOLDER, Guard.HOLDS),
        (building, canceled, Who.HOLDER, Guard.HOLDS),
        (pushing, canceled, Who.HOLDER, Guard.HOLDS),
        (queued, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (cloning, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (building, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (pushing, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (cloning, canceled, Who.QUEUE, Guard.NOT_OUTRANKED),
        (building, canceled, Who.QUEUE, Guard.NOT_OUTRANKED),
        (pushing, canceled, Who.QUEUE, Guard.NOT_OUTRANKED),
        (queued, canceled, Who.PERSON, Guard.NONE),
    ):
        yield Transition(before, after, who, guard)


TRANSITIONS = tuple(_table())

ENDED = (BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELED)
"""A build in one of these changes no more."""
OPEN = tuple(state for state in BuildState if state not in ENDED)
HELD = tuple(state for state in OPEN if state is not BuildState.QUEUED)
"""A worker is at it: it can only be asked to stop."""


class NoSuchTransition(ValueError):
    """Nobody of that kind may move a build to that state: a defect of the caller."""


def move(after: BuildState, who: Who, *, fence: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(filter, values) of the update that moves a build to `after`; the filter matches only where the table allows it.

    `fence` is the worker's own. Raises NoSuchTransition when no row of the table is of `who` and `after`, or when
    the row asks for a fence and none is given.
    """
    rows = [row for row in TRANSITIONS if row.after is after and row.who is who]
    if not rows:
        raise NoSuchTransition(f"{who} moves no build to {after}")
    (guard,) = {row.guard for row in rows}
    query: dict[str, Any] = {"state": {"$in": [row.before.value for row in rows]}}
    if guard is not Guard.NONE:
        if fence is None:
            raise NoSuchTransition(f"{who} moves a build to {after} only with a fence")
        query["fence"] = fence if guard is Guard.HOLDS else {"$lte": fence}
    return query, {"state": after.value}
