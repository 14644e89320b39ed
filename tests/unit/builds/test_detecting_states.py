"""The states of a detection: every way is in the table, and every end is one."""

from __future__ import annotations

import pytest

from builds.domain.detecting import ENDED, OPEN, TRANSITIONS, DetectionState, move
from builds.domain.states import Guard, NoSuchTransition, Who


def test_nothing_leaves_a_state_that_has_ended_and_every_open_one_has_an_end() -> None:
    assert set(OPEN) | set(ENDED) == set(DetectionState)
    for (after, _), (before, _) in TRANSITIONS.items():
        assert set(before) <= set(OPEN), after
    for state in OPEN:
        ends = {after for (after, _), (before, _) in TRANSITIONS.items() if state in before}
        assert ends & set(ENDED), state


def test_a_worker_moves_only_what_it_holds_and_a_person_needs_no_fence() -> None:
    query, values = move(DetectionState.SUCCEEDED, Who.HOLDER, fence=3)
    assert (query["fence"], values["state"]) == (3, "succeeded")
    query, values = move(DetectionState.FETCHING, Who.CLAIMER, fence=4)
    assert (query["fence"], values["fence"]) == ({"$lte": 4}, 4)
    query, _ = move(DetectionState.CANCELED, Who.PERSON)
    assert "fence" not in query
    guards = {who: guard for (_, who), (_, guard) in TRANSITIONS.items()}
    assert guards[Who.HOLDER] is Guard.HOLDS


@pytest.mark.parametrize(
    ("after", "who", "fence"),
    [(DetectionState.SUCCEEDED, Who.PERSON, None), (DetectionState.SUCCEEDED, Who.HOLDER, None)],
)
def test_what_the_table_does_not_have_is_a_defect(after: DetectionState, who: Who, fence: int | None) -> None:
    with pytest.raises(NoSuchTransition):
        move(after, who, fence=fence)
