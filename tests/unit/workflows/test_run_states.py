"""The table of a run's states: what it allows, it lets happen; anything else is refused or matches nothing."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from workflows.runs.states import (
    ACTIVE,
    CLAIMABLE,
    ENDED,
    HELD,
    OPEN,
    RETRYABLE,
    TRANSITIONS,
    Guard,
    NoSuchTransition,
    RunState,
    Who,
    move,
)

FENCE = 7
ALLOWED = {(row.before, row.after, row.who): row.guard for row in TRANSITIONS}


def matches(query: dict[str, Any], run: dict[str, Any]) -> bool:
    fence = query.get("fence", run["fence"])
    fits = run["fence"] <= fence["$lte"] if isinstance(fence, dict) else run["fence"] == fence
    return run["state"] in query["state"]["$in"] and fits


@pytest.mark.parametrize(("before", "after", "who"), list(product(RunState, RunState, Who)), ids=str)
def test_a_run_moves_exactly_where_the_table_allows_it(before: RunState, after: RunState, who: Who) -> None:
    guard = ALLOWED.get((before, after, who))
    try:
        query, values = move(after, who, fence=FENCE)
    except NoSuchTransition:
        assert guard is None
        return
    assert values == {"state": after}
    moved = {held: matches(query, {"state": before, "fence": held}) for held in (FENCE - 1, FENCE, FENCE + 1)}
    assert (
        list(moved.values())
        == {
            None: [False, False, False],
            Guard.NONE: [True, True, True],
            Guard.NOT_OUTRANKED: [True, True, False],
            Guard.HOLDS: [False, True, False],
        }[guard]
    )


def test_a_worker_without_a_fence_moves_nothing() -> None:
    for row in TRANSITIONS:
        if row.guard is not Guard.NONE:
            with pytest.raises(NoSuchTransition):
                move(row.after, row.who)


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    reached, ending = {RunState.QUEUED}, set(ENDED)
    for _ in RunState:
        reached |= {row.after for row in TRANSITIONS if row.before in reached}
        ending |= {row.before for row in TRANSITIONS if row.after in ending}
    assert reached == ending == set(RunState)


def test_an_ended_run_is_left_only_to_be_tried_again_and_a_failed_one_when_it_is_rolled_back() -> None:
    assert {(row.after, row.who) for row in TRANSITIONS if row.before in ENDED} == {
        (RunState.QUEUED, Who.PERSON),
        (RunState.ROLLED_BACK, Who.JUDGE),
    }
    assert [row.before for row in TRANSITIONS if row.after is RunState.ROLLED_BACK] == [RunState.FAILED]
    assert RunState.SUPERSEDED in ENDED
    assert RETRYABLE == (RunState.FAILED, RunState.CANCELED)


def test_the_groups_of_states() -> None:
    assert (RunState.QUEUED, *ACTIVE) == OPEN
    assert ACTIVE == (RunState.PLANNING, RunState.APPLYING, RunState.VERIFYING)
    assert (RunState.QUEUED, *HELD) == CLAIMABLE
    assert HELD == (RunState.PLANNING, RunState.APPLYING)
