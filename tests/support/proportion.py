"""Work that grows as its input does, and not faster."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tests.support.cpu import cpu_s
from tests.support.steps import counted_steps

MOST = 2.5
"""How many times the work may grow when the input is doubled."""
SIZE = 4_000
FEW = 1_500
"""Steps below which a difference says nothing: a branch taken once costs as much."""
TRIES = 10
"""What is in proportion passes one of them; what grows with the square fails all, since the least of each counts."""
SHORT_S = 0.02


def assert_in_proportion(work: Callable[[int], Any], size: int = SIZE, *, timed: bool = True) -> None:
    """The work counted in steps, and in time where one step may be long, at most grows as its input does."""

    def steps_of(n: int) -> int:
        work(n)  # what is compiled or remembered once
        with counted_steps() as steps:
            work(n)
        return steps.count

    few, many = steps_of(size), steps_of(size * 2)
    assert many <= MOST * max(few, FEW), (few, many)
    if not timed:
        return
    short = long = math.inf
    for _ in range(TRIES):  # a neighbour on the same core makes some times longer, and none shorter
        short, long = min(short, cpu_s(lambda: work(size))), min(long, cpu_s(lambda: work(size * 2)))
        if long <= MOST * max(short, SHORT_S):
            return
    raise AssertionError((short, long))
