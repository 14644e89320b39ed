"""The ledger of an import: what became of every key that a person wrote, and of every service.

Whoever converts adds verdicts by the paths of what was read; `Verdicts.entry` says from them what became of one key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from typing import Any

from imports.domain.sources import Place
from kubeorch.base.records import record

Path = tuple[str | int, ...]
UNKNOWN = "KubeOrch does not know what to do with this key"
"""The reason for a key on which there is no verdict."""


BY_DEFAULT = "applied with the default"
"""What is said beside the reason of a decision that nobody took."""


class Outcome(StrEnum):
    """What became of a key, from the best to the worst."""

    CONVERTED = "converted"
    LEFT_OUT = "left_out"
    """The cluster, a controller or a tool writes it by itself, or it is of a profile that is off; nothing is lost."""
    APPROXIMATED = "approximated"
    DECISION = "decision"
    """Somebody has to choose; `why` says what holds until then."""
    DROPPED = "dropped"


_ORDER = {outcome: index for index, outcome in enumerate(Outcome)}


@record
class Became:
    """A field of a node, as `parameters.image`, `patch.spec.template.spec.hostname` or an edge `edges.e1`."""

    node_id: str
    field: str

    def as_json(self) -> dict[str, str]:
        return {"node_id": self.node_id, "field": self.field}


@record
class Verdict:
    """`whole` also speaks for everything below the path that has no verdict of its own."""

    outcome: Outcome
    became: tuple[Became, ...] = ()
    why: str = ""
    whole: bool = True


@record
class Entry:
    """One key as it stands in a file. `became` is empty where nothing is left of it, or nothing was needed."""

    path: Path
    place: Place | None
    outcome: Outcome
    became: tuple[Became, ...] = ()
    why: str = ""

    def says_the_same(self, other: Entry) -> bool:
        return (self.outcome, self.became, self.why) == (other.outcome, other.became, other.why)

    def settled(self, *, by_default: bool) -> Entry:
        """Of a decision once it was applied. What became of nothing is lost, but for networks: pods have one anyway."""
        is_lost = not self.became and self.path[0] != "networks"
        why = "; ".join(one for one in (self.why, BY_DEFAULT if by_default else "") if one)
        return Entry(self.path, self.place, Outcome.DROPPED if is_lost else Outcome.APPROXIMATED, self.became, why)

    def as_json(self) -> dict[str, Any]:
        return {
            "path": list(self.path),
            "place": place_as_json(self.place),
            "outcome": self.outcome.value,
            "became": [one.as_json() for one in self.became],
            "why": self.why,
        }


@record
class Ledger:
    """Every key of every file, in the order of the files."""

    entries: tuple[Entry, ...]

    def dropped(self) -> tuple[Entry, ...]:
        """Without what stands below one of them and says the same."""
        return tuple(one for one in self._tops() if one.outcome is Outcome.DROPPED)

    def settled(self, asked: Collection[Place]) -> Ledger:
        """Once it was applied nothing needs a decision any more. `asked` is where questions were about, each of which
        has a default; one about a key is about the keys below it, too."""
        entries: list[Entry] = []
        decided: set[tuple[str, Path]] = set()
        for one in sorted(self.entries, key=lambda entry: len(entry.path)):
            if one.outcome is not Outcome.DECISION:
                continue
            file = one.place.path if one.place else ""
            if one.place in asked or (file, one.path[:-1]) in decided:
                decided.add((file, one.path))
        for one in self.entries:
            is_open = one.outcome is Outcome.DECISION
            by_default = (one.place.path if one.place else "", one.path) in decided
            entries.append(one.settled(by_default=by_default) if is_open else one)
        return Ledger(tuple(entries))

    def counts(self) -> dict[str, int]:
        """How many keys had each outcome. What stands below a key and says the same counts with it, as it is shown."""
        found = dict.fromkeys((outcome.value for outcome in Outcome), 0)
        for one in self._tops():
            found[one.outcome.value] += 1
        return found

    def _tops(self) -> Iterator[Entry]:
        said = {(one.place.path if one.place else "", one.path): one for one in self.entries}
        for one in self.entries:
            above = said.get((one.place.path if one.place else "", one.path[:-1]))
            if above is None or not one.says_the_same(above):
                yield one


class Verdicts:
    """Verdicts by path, while something is being converted."""

    def __init__(self) -> None:
        self._own: dict[Path, Verdict] = {}
        self._best_below: dict[Path, Verdict] = {}

    def add(
        self, path: Path, outcome: Outcome, became: Iterable[Became] = (), why: str = "", *, whole: bool = True
    ) -> None:
        """Of several verdicts on one path the worst counts, with all that it became and every reason."""
        verdict = Verdict(outcome, tuple(became), why, whole)
        before = self._own.get(path)
        self._own[path] = verdict if before is None else _together(before, verdict)
        for length in range(len(path)):
            above = path[:length]
            best = self._best_below.get(above)
            if best is None or _ORDER[outcome] < _ORDER[best.outcome]:
                self._best_below[above] = verdict

    def of(self, path: Path) -> Verdict | None:
        """The verdict on a path: its own, that of the nearest whole above it, or the best of those below it."""
        own = self._own.get(path)
        if own is not None:
            return own
        for length in range(len(path) - 1, 0, -1):
            above = self._own.get(path[:length])
            if above is not None and above.whole:
                return above
        return self._best_below.get(path)

    def entry(self, written: Path, place: Place | None, paths: Iterable[Path]) -> Entry:
        """What became of a key that was read as `paths`; a key without a verdict counts as dropped."""
        found: Verdict | None = None
        for path in paths:
            verdict = self.of(path)
            if verdict is not None:
                found = verdict if found is None else _together(found, verdict)
        if found is None:
            return Entry(written, place, Outcome.DROPPED, (), UNKNOWN)
        return Entry(written, place, found.outcome, found.became, found.why)


def _together(one: Verdict, other: Verdict) -> Verdict:
    worst = one.outcome if _ORDER[one.outcome] >= _ORDER[other.outcome] else other.outcome
    became = dict.fromkeys((*one.became, *other.became))
    reasons = dict.fromkeys(why for why in (one.why, other.why) if why)
    return Verdict(worst, tuple(became), "; ".join(reasons), one.whole or other.whole)


def place_as_json(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"path": place.path, "line": place.line, "column": place.column}
