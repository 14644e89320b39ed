"""Putting nodes in order by pairs of (earlier, later)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter


def in_order(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The ids that occur in `pairs`, each after all that must come before it.

    Ids in a loop, and ids that wait for one, are left out.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for earlier, later in pairs:
        sorter.add(later, earlier)
    with suppress(CycleError):  # it names one loop only; the sorter still gives what is not behind a loop
        sorter.prepare()
    ordered: list[str] = []
    while ready := sorter.get_ready():
        ordered += ready
        sorter.done(*ready)
    return ordered
