"""The table of a build's states."""

from __future__ import annotations

import pytest

from builds.domain.states import ENDED, HELD, OPEN, TRANSITIONS, BuildState, Guard, NoSuchTransition, Who, move


def test_nothing_leads_out_of_an_end() -> None:
    assert not [row for row in TRANSITIONS if row.before in ENDED]
    assert set(OPEN) | set(ENDED) == set(BuildState)


def test_every_state_that_is_open_can_end_in_each_way_but_a_queued_build_does_not_succeed() -> None:
    after = {state: {row.after for row in TRANSITIONS if row.before is state} for state in OPEN}
    assert all({BuildState.FAILED, BuildState.CANCELED} <= found for found in after.values())
    assert {state for state, found in after.items() if BuildState.SUCCEEDED in found} == set(HELD)


def test_a_worker_writes_only_what_it_holds() -> None:
    rows = [row for row in TRANSITIONS if row.who is Who.HOLDER]
    assert rows
    assert {row.guard for row in rows} == {Guard.HOLDS}
    query, values = move(BuildState.SUCCEEDED, Who.HOLDER, fence=7)
    assert query == {"state": {"$in": ["cloning", "building", "pushing"]}, "fence": 7}
    assert values == {"state": "succeeded"}


def test_each_way_of_one_mover_to_one_state_has_one_guard() -> None:
    for row in TRANSITIONS:
        assert {one.guard for one in TRANSITIONS if (one.who, one.after) == (row.who, row.after)} == {row.guard}


def test_who_asks_for_what_is_not_in_the_table_is_wrong() -> None:
    with pytest.raises(NoSuchTransition):
        move(BuildState.SUCCEEDED, Who.PERSON)
    with pytest.raises(NoSuchTransition, match="fence"):
        move(BuildState.SUCCEEDED, Who.HOLDER)
