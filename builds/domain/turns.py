"""Whose build is next, so that no team waits for more than its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A build that waits; those of one team are given in the order in which they were asked for."""

    id: str
    team: str


def order_of(waiting: Sequence[Waiting], running: Mapping[str, int], last_served: Mapping[str, float]) -> list[Waiting]:
    """All that wait, in the order in which they would get a place if nothing else came.

    The next place goes to the team that has the fewest; of equals to the one that got one longest ago, or never; and
    of a team to its oldest build. `running` counts places by team, `last_served` says when a team got its last one.
    """
    queues: dict[str, list[Waiting]] = {}
    for one in waiting:
        queues.setdefault(one.team, []).append(one)
    taken, served = Counter(running), dict(last_served)
    first = {team: number for number, team in enumerate(queues)}
    latest = max(served.values(), default=0.0)
    made: list[Waiting] = []
    heads = dict.fromkeys(queues, 0)
    while heads:
        team = min(heads, key=lambda one: (taken[one], served.get(one, float("-inf")), first[one]))
        made.append(queues[team][heads[team]])
        heads[team] += 1
        if heads[team] == len(queues[team]):
            del heads[team]
        taken[team] += 1
        latest += 1.0
        served[team] = latest
    return made
