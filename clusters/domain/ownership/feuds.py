"""Two managers that overwrite each other, again and again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

FLIPS = 3
"""A field that changed hands so often between two managers is a feud."""
HISTORY_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """A manager got a field."""

    path: str
    manager: str
    at: str


@dataclass(frozen=True, slots=True)
class Feud:
    path: str
    managers: tuple[str, str]
    """In the order of their last writes: the second has the field now."""
    flips: int
    since: str
    """When the first of these flips happened."""


def feuds(history: Iterable[Written]) -> list[Feud]:
    """The feuds that go on, by path. `history` is in order of time; of each path only its end counts."""
    rows: dict[str, list[Written]] = {}
    for number, one in enumerate(history):
        if number == HISTORY_MOST:
            break
        of_path = rows.setdefault(one.path, [])
        if not of_path or of_path[-1].manager != one.manager:
            of_path.append(one)
    found: list[Feud] = []
    for path, changes in sorted(rows.items()):
        last = len(changes) - 1
        while last > 1 and changes[last].manager == changes[last - 2].manager:
            last -= 1
        flips = changes[max(last - 1, 0) :]
        if len(flips) > FLIPS:
            pair = (flips[-2].manager, flips[-1].manager)
            found.append(Feud(path, pair, len(flips) - 1, flips[1].at))
    return found
