"""Lists of a template read backwards: each entry goes to the part of the template that explains it best."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from imports.domain.manifests.bindings import COMPLETE, MISS, NONE, PARTIAL, Answer, Bound, How, Pattern, Seen, built
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.parameter_checks import check_parameters
from workflows.domain.kinds.parameters import Parameter


@dataclass(slots=True)
class One:
    """A part of a list that gives one entry."""

    pattern: Pattern
    is_alone: bool
    """It is there only where no other part gives an entry."""

    def match(self, item: Any, seen: Seen) -> Answer:
        return self.pattern(item, seen)


@dataclass(slots=True)
class Each:
    """A part of a list that gives one entry for each item of a parameter."""

    target: tuple[str, tuple[str, ...]]
    variables: list[str]
    pattern: Pattern
    declared: Parameter
    is_grouped: bool
    leaves: int
    is_home: bool = True
    """Of several loops over one list, the one that reads most of its items; the others only add to them."""

    @property
    def unique(self) -> str:
        return self.declared.unique_by or "" if self.declared.type == "list" else ""

    def match(self, item: Any, seen: Seen) -> Answer:
        score, bound = self.pattern(item, seen)
        if not score:
            return MISS
        rest = [one for one in bound if one.root not in self.variables]
        values = [built([one for one in bound if one.root == name], name) for name in self.variables]
        root, path = self.target
        if self.declared.type == "map":
            if score < COMPLETE or not all(isinstance(one, str) for one in values):
                return MISS
            return score, [*rest, Bound(root, path, tuple(values), How.PUT)]
        [entry] = values
        if self.is_grouped:
            key = entry.pop("key", None)
            rows = [{"host": key, **one} if key is not None else one for one in entry.get("items", ())]
            return score, [*rest, *(Bound(root, path, one, How.APPEND) for one in rows)]
        if score < COMPLETE and not self._is_sound(entry):
            return MISS
        if not self.is_home and isinstance(entry, dict):
            key = entry.get(self.unique)
            if key not in seen.names.get(path, ()) or key in seen.joined.get(path, ()):
                return MISS
            return score, [*rest, Bound(root, path, entry, How.JOIN, self.unique)]
        return score, [*rest, Bound(root, path, entry, How.APPEND)]

    def note(self, bound: Iterable[Bound], seen: Seen) -> None:
        """Remember the entries that were taken."""
        root, path = self.target
        for one in bound:
            if (one.root, one.path) == (root, path) and self.unique and isinstance(one.value, dict):
                names = seen.joined if one.how is How.JOIN else seen.names
                names.setdefault(path, set()).add(one.value.get(self.unique))

    def _is_sound(self, entry: Any) -> bool:
        if self.declared.item is None or not isinstance(entry, dict):
            return False
        problems: list[FieldProblem] = []
        check_parameters(self.declared.item.fields, entry, "", problems)
        return not problems


class ListPattern:
    """A list whose entries come from several parts of the template."""

    def __init__(self, parts: list[Each | One]) -> None:
        self._parts = parts

    def __call__(self, value: Any, seen: Seen) -> Answer:
        if not isinstance(value, list):
            return MISS
        is_named = are_named(value)
        used: set[int] = set()
        found: list[Bound] = []
        score = COMPLETE
        for item in value:
            index, part, bound = self._best(item, len(value), used, is_named, seen)
            if part < COMPLETE and not is_named:
                return MISS
            score = min(score, part or PARTIAL)
            if part:
                used.add(index)
                one = self._parts[index]
                if isinstance(one, Each):
                    one.note(bound, seen)
                found += bound
        return score, found

    def _best(self, item: Any, count: int, used: set[int], is_named: bool, seen: Seen) -> tuple[int, int, list[Bound]]:
        best: tuple[int, int, list[Bound]] = (0, NONE, [])
        last = max(used, default=0)
        for index in sorted(range(len(self._parts)), key=lambda index: (index < last, index)):  # in order, if it can be
            part = self._parts[index]
            if isinstance(part, One) and ((used and index <= last) or (part.is_alone and count != 1)):
                continue
            score, bound = part.match(item, seen)
            if score == COMPLETE:
                return index, score, bound
            if score > best[1] and is_named:
                best = (index, score, bound)
        return best


def are_named(items: Sequence[Any]) -> bool:
    """Whether each item of a list has a `name` that no other has."""
    names = [one.get("name") if isinstance(one, dict) else None for one in items]
    return bool(items) and all(isinstance(name, str) and name for name in names) and len(set(names)) == len(names)
