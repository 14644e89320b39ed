"""Whose build is next: no team waits for more than its share, whatever the others ask for."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from builds.domain.turns import Waiting, order_of

TEAMS = "abcdefghij"


def queue(teams: str) -> list[Waiting]:
    return [Waiting(str(number), team) for number, team in enumerate(teams)]


def test_the_team_with_fewer_places_is_next_and_a_team_goes_in_its_own_order() -> None:
    order = order_of(queue("aaab"), {"a": 1}, {})
    assert [(one.team, one.id) for one in order] == [("b", "3"), ("a", "0"), ("a", "1"), ("a", "2")]


def test_of_equal_teams_the_one_that_was_served_longest_ago_is_next() -> None:
    assert [one.team for one in order_of(queue("abc"), {}, {"a": 3.0, "b": 1.0})] == ["c", "b", "a"]


@given(
    st.text(TEAMS, min_size=1, max_size=50),
    st.dictionaries(st.sampled_from(TEAMS), st.integers(0, 2)),
    st.dictionaries(st.sampled_from(TEAMS), st.floats(0, 100)),
    st.integers(1, 4),
)
def test_nobody_waits_for_more_than_a_fair_share(
    teams: str, running: dict[str, int], served: dict[str, float], slots: int
) -> None:
    """Builds end in the order in which they began. Between two places of one team that waits, each other team that
    waits gets one at most; and every build comes to its turn."""
    waiting, places, clock = queue(teams), Counter(running), 1000.0
    began: list[str] = [team for team, count in running.items() for _ in range(count)]
    given: list[str] = []
    while waiting:
        while len(began) >= slots:
            places[began.pop(0)] -= 1
        one = order_of(waiting, places, served)[0]
        waiting.remove(one)
        places[one.team] += 1
        clock += 1
        served[one.team] = clock
        began.append(one.team)
        given.append(one.team)
    assert Counter(given) == Counter(teams)
    if running:
        return
    for team in set(teams):
        at = [number for number, one in enumerate(given) if one == team]
        for first, second in pairwise(at):
            between = Counter(given[first + 1 : second])
            assert all(count <= 1 for count in between.values()), (given, team)
