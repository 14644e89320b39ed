"""The states of a detection, which reads what can be built of one commit, and every way from one to another.

As `states` for builds: every write of a detection's state is made of `move`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from builds.domain.states import Guard, NoSuchTransition, Who


class DetectionState(StrEnum):
    QUEUED = "queued"
    """It waits for a worker."""
    FETCHING = "fetching"
    """A worker fetches the commit."""
    READING = "reading"
    """Its files are looked at."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


_QUEUED, _FETCHING, _READING = DetectionState.QUEUED, DetectionState.FETCHING, DetectionState.READING
OPEN = (_QUEUED, _FETCHING, _READING)
ENDED = (DetectionState.SUCCEEDED, DetectionState.FAILED, DetectionState.CANCELED)
"""A detection in one of these changes no more."""

TRANSITIONS: dict[tuple[DetectionState, Who], tuple[tuple[DetectionState, ...], Guard]] = {
    (_FETCHING, Who.CLAIMER): (OPEN, Guard.NOT_OUTRANKED),  # whoever comes after a worker that died begins anew
    (_READING, Who.HOLDER): ((_FETCHING,), Guard.HOLDS),
    (DetectionState.SUCCEEDED, Who.HOLDER): ((_READING,), Guard.HOLDS),
    (DetectionState.FAILED, Who.HOLDER): ((_FETCHING, _READING), Guard.HOLDS),
    (DetectionState.FAILED, Who.QUEUE): (OPEN, Guard.NOT_OUTRANKED),
    (DetectionState.CANCELED, Who.PERSON): (OPEN, Guard.NONE),
}
"""(the state it comes to, who moves it there) → the states that it comes from, and what must hold."""


def move(after: DetectionState, who: Who, *, fence: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(filter, values) of the update that moves a detection to `after`. `fence` is the worker's own.

    Raises NoSuchTransition where the table has no row for it, or where the row asks for a fence and none is given.
    """
    row = TRANSITIONS.get((after, who))
    if row is None:
        raise NoSuchTransition(f"{who} moves no detection to {after}")
    states, guard = row
    query: dict[str, Any] = {"state": {"$in": [state.value for state in states]}}
    values: dict[str, Any] = {"state": after.value}
    if guard is not Guard.NONE:
        if fence is None:
            raise NoSuchTransition(f"{who} moves a detection to {after} only with a fence")
        query["fence"] = fence if guard is Guard.HOLDS else {"$lte": fence}
        values["fence"] = fence
    return query, values
