"""The states of a run, and every way from one to another: who takes it, and what must hold at that moment.

No other module lists states, and every write of a run's state is built by `move`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RunState(StrEnum):
    QUEUED = "queued"
    """It waits for a worker, or for the run before it."""
    PLANNING = "planning"
    """A worker renders it and decides what has to be done."""
    APPLYING = "applying"
    """The plan is stored and its steps are being carried out."""
    VERIFYING = "verifying"
    """Everything is applied; the objects have to become healthy."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"
    """It was applied and not healthy yet, when the run behind it took over: it did not fail by itself."""
    ROLLED_BACK = "rolled_back"
    """It failed, and what was there before it has been applied again and is healthy. Its error is kept."""


class Who(StrEnum):
    PERSON = "person"
    """Somebody who may, over the API."""
    CLAIMER = "claimer"
    """A worker that has just got the run's job."""
    HOLDER = "holder"
    """The worker that claimed the run last."""
    QUEUE = "queue"
    """Whoever records that the run's job will not be tried again."""
    CLOCK = "clock"
    """Whoever finds that the run has used up its time and its worker has not ended it."""
    JUDGE = "judge"
    """Whoever learns how the applied objects do: the watcher, the deadline, the run that waits behind, or the rollback
    that follows."""


class Guard(StrEnum):
    NONE = "none"
    """The state alone decides."""
    NOT_OUTRANKED = "not outranked"
    """No later worker has claimed the run."""
    HOLDS = "holds"
    """The run is claimed by this very worker."""


@dataclass(frozen=True, slots=True)
class Transition:
    before: RunState
    after: RunState
    who: Who
    guard: Guard


def _table() -> Iterator[Transition]:
    queued, planning, applying, verifying = RunState.QUEUED, RunState.PLANNING, RunState.APPLYING, RunState.VERIFYING
    succeeded, failed, canceled = RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED
    for before, after, who, guard in (
        (queued, planning, Who.CLAIMER, Guard.NOT_OUTRANKED),
        (planning, planning, Who.CLAIMER, Guard.NOT_OUTRANKED),  # the worker before has died, or asked to be called
        (applying, applying, Who.CLAIMER, Guard.NOT_OUTRANKED),  # again
        (planning, applying, Who.HOLDER, Guard.HOLDS),
        (applying, verifying, Who.HOLDER, Guard.HOLDS),
        (applying, succeeded, Who.HOLDER, Guard.HOLDS),  # a destroy run leaves nothing to verify
        (planning, failed, Who.HOLDER, Guard.HOLDS),  # it has used up its time
        (applying, failed, Who.HOLDER, Guard.HOLDS),
        (planning, failed, Who.CLOCK, Guard.NONE),
        (applying, failed, Who.CLOCK, Guard.NONE),
        (applying, RunState.SUPERSEDED, Who.HOLDER, Guard.HOLDS),  # it waits for what the next run may mend
        (planning, canceled, Who.HOLDER, Guard.HOLDS),
        (applying, canceled, Who.HOLDER, Guard.HOLDS),
        (verifying, canceled, Who.HOLDER, Guard.HOLDS),  # asked for while the last object was applied
        (queued, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (planning, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (applying, failed, Who.QUEUE, Guard.NOT_OUTRANKED),
        (verifying, succeeded, Who.JUDGE, Guard.NONE),
        (verifying, failed, Who.JUDGE, Guard.NONE),
        (verifying, RunState.SUPERSEDED, Who.JUDGE, Guard.NONE),
        (failed, RunState.ROLLED_BACK, Who.JUDGE, Guard.NONE),
        (queued, canceled, Who.JUDGE, Guard.NONE),  # nobody started it, and a rollback comes first
        (queued, canceled, Who.PERSON, Guard.NONE),
        (verifying, canceled, Who.PERSON, Guard.NONE),
        (failed, queued, Who.PERSON, Guard.NONE),  # tried again
        (canceled, queued, Who.PERSON, Guard.NONE),
    ):
        yield Transition(before, after, who, guard)


TRANSITIONS = tuple(_table())

ENDED = (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELED, RunState.SUPERSEDED, RunState.ROLLED_BACK)
"""A run in one of these changes no more, unless a person has it tried again (RETRYABLE), or a failed one is rolled
back."""
OPEN = tuple(state for state in RunState if state not in ENDED)
ACTIVE = tuple(state for state in OPEN if state is not RunState.QUEUED)
"""At most one run of an environment is in one of these; the index `runs.environment_active` repeats them."""
CLAIMABLE = tuple(row.before for row in TRANSITIONS if row.who is Who.CLAIMER)
HELD = tuple(state for state in CLAIMABLE if state in ACTIVE)
"""A worker is at it: it can only be asked to stop."""
RETRYABLE = tuple(row.before for row in TRANSITIONS if row.after is RunState.QUEUED)


class NoSuchTransition(ValueError):
    """Nobody of that kind may move a run to that state: a defect of the caller."""


def move(after: RunState, who: Who, *, fence: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(filter, values) of the update that moves a run to `after`; the filter matches only where the table allows it.

    `fence` is the worker's own. Raises NoSuchTransition when no row of the table is of `who` and `after`, or when
    the row asks for a fence and none is given.
    """
    rows = [row for row in TRANSITIONS if row.after is after and row.who is who]
    if not rows:
        raise NoSuchTransition(f"{who} moves no run to {after}")
    (guard,) = {row.guard for row in rows}
    query: dict[str, Any] = {"state": {"$in": [row.before.value for row in rows]}}
    if guard is not Guard.NONE:
        if fence is None:
            raise NoSuchTransition(f"{who} moves a run to {after} only with a fence")
        query["fence"] = fence if guard is Guard.HOLDS else {"$lte": fence}
    return query, {"state": after.value}


class StepState(StrEnum):
    """The state of one object's turn in a run."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    """It was as it should be; nothing was sent."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """The run ended before its turn."""


UNFINISHED_STEPS = (StepState.PENDING, StepState.RUNNING)
REPEATED_STEPS = (StepState.FAILED, StepState.SKIPPED, StepState.RUNNING)
"""What a run that is tried again does once more."""
COUNTED_STEPS = (StepState.DONE, StepState.FAILED, StepState.SKIPPED, StepState.UNCHANGED)
"""A run counts its steps in these, and apart by what was done to the object (`step_store.counted`)."""
