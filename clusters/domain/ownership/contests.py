"""Fields that two managers overwrite, again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

FLIPS = 3
"""A field that changed hands so often between two managers is contested."""
FLIPS_BY_HAND = 7
"""However fast: so often nobody changes his mind."""
BY_HAND_WITHIN_S = 1800.0
"""What one person writes by hand within this time is one edit, whatever became of it in between."""
HISTORY_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Written:
    """A manager got a field."""

    path: str
    manager: str
    at: str
    """As people are told."""
    seen_at_s: float = 0.0
    """Seconds since 1970."""
    by_hand: bool = False
    """By a tool that people use, not by a program that goes on by itself."""


@dataclass(frozen=True, slots=True)
class Contest:
    path: str
    managers: tuple[str, str]
    """In the order of their last writes: the second has the field now."""
    flips: int
    since: str
    """When the first of these flips happened."""


def contests(history: Iterable[Written]) -> list[Contest]:
    """Those that go on, by path. `history` is in order of time; of each path only its end counts."""
    rows: dict[str, list[Written]] = {}
    for number, one in enumerate(history):
        if number == HISTORY_MOST:
            break
        of_path = rows.setdefault(one.path, [])
        if not of_path or of_path[-1].manager != one.manager:
            of_path.append(one)
    found: list[Contest] = []
    for path, changes in sorted(rows.items()):
        contest = _contest(path, _edits(changes), FLIPS) or _contest(path, changes, FLIPS_BY_HAND)
        if contest is not None:
            found.append(contest)
    return found


def _edits(changes: Sequence[Written]) -> list[Written]:
    """The changes, with what one person did within BY_HAND_WITHIN_S as one."""
    edits: list[Written] = []
    at: dict[str, int] = {}
    """Of each manager that writes by hand, where its last edit began."""
    for one in changes:
        begun = at.get(one.manager)
        if one.by_hand and begun is not None and one.seen_at_s - edits[begun].seen_at_s <= BY_HAND_WITHIN_S:
            del edits[begun + 1 :]
            at = {manager: place for manager, place in at.items() if place <= begun}
            continue
        edits.append(one)
        if one.by_hand:
            at[one.manager] = len(edits) - 1
    return edits


def _contest(path: str, changes: Sequence[Written], most: int) -> Contest | None:
    last = len(changes) - 1
    while last > 1 and changes[last].manager == changes[last - 2].manager:
        last -= 1
    flips = changes[max(last - 1, 0) :]
    if len(flips) <= most:
        return None
    return Contest(path, (flips[-2].manager, flips[-1].manager), len(flips) - 1, flips[1].at)
