"""Explains what differs between kompose's objects and ours by the rows of `table.yaml`.

A row says which differences it is about, who is right (`ours`, or `choice` where both are) and why: where kompose is
right there is no row, but a mend of ours. Its patterns are whole matches: of the kind in `object`, of `field`, and,
where given, of `name`, `case`, `theirs` and `ours`; a side without the field or the object is `-`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.oracles.kompose.seen import Fields, Seen

TABLE = Path(__file__).parent / "table.yaml"
NOTHING = "-"
_PATTERNS = ("object", "field", "name", "case", "theirs", "ours")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one object; a whole object has the field ""."""

    case: str
    object: str
    name: str
    field: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        theirs, ours = self.theirs[:160], self.ours[:160]
        return f"{self.case}: {self.object} {self.name} {self.field or 'as a whole'}: theirs {theirs}, ours {ours}"


@dataclass(frozen=True, slots=True)
class Row:
    """One class of differences."""

    id: str
    who: str
    why: str
    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def explains(self, one: Difference) -> bool:
        return all(pattern.fullmatch(getattr(one, key)) for key, pattern in self.patterns)


def table() -> list[Row]:
    """The rows of the table, in their order: the first that fits explains a difference."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return [Row(row["id"], row["who"], row["why"], tuple(_patterns(row))) for row in rows]


def _patterns(row: dict[str, str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for key in _PATTERNS:
        if key in row:
            yield key, re.compile(row[key], re.DOTALL)


def differences(case: str, theirs: Seen | None, ours: Seen | None) -> Iterator[Difference]:
    """What differs in one project; None for a side that refuses it."""
    if theirs is None or ours is None:
        if theirs is not ours:
            sides = ["refused" if side is None else "accepted" for side in (theirs, ours)]
            yield Difference(case, "Project", case, "", *sides)
        return
    for kind, name in sorted(theirs.keys() | ours.keys()):
        their_fields, our_fields = theirs.get((kind, name)), ours.get((kind, name))
        if their_fields is None or our_fields is None:
            yield Difference(case, kind, name, "", _whole(their_fields), _whole(our_fields))
            continue
        for field in sorted(their_fields.keys() | our_fields.keys()):
            pair = their_fields.get(field, NOTHING), our_fields.get(field, NOTHING)
            if pair[0] != pair[1]:
                yield Difference(case, kind, name, field, *pair)


def _whole(fields: Fields | None) -> str:
    return NOTHING if fields is None else " ".join(f"{key}={value}" for key, value in sorted(fields.items()))


@dataclass(frozen=True, slots=True)
class Judged:
    """`open` are differences that no row explains, `unused` rows that explain nothing, `counts` those of each row."""

    open: list[Difference]
    unused: list[Row]
    counts: dict[str, int]


def judge(found: Iterable[Difference], rows: list[Row]) -> Judged:
    open_: list[Difference] = []
    counts = {row.id: 0 for row in rows}
    for one in found:
        row = next((row for row in rows if row.explains(one)), None)
        if row is None:
            open_.append(one)
        else:
            counts[row.id] += 1
    return Judged(open_, [row for row in rows if not counts[row.id]], counts)
