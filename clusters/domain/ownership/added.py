"""What others added to an object of ours, beside the fields that we applied: a key of a ConfigMap, a variable, a label.

That is no drift, since we never had it, but whoever reads the object gets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from clusters.domain.ownership.known import WORKS_BY_ITSELF, known
from clusters.domain.ownership.owners import Owner, Owners
from clusters.domain.ownership.paths import Path, children, path_text

NAMED_MOST = 20
"""Fields of one object that are named."""
_NOBODYS = ("f:apiVersion", "f:kind", "f:status")
_BOOKKEEPING = frozenset({"f:kubectl.kubernetes.io/last-applied-configuration"})


class AddedField(NamedTuple):
    path: str
    manager: str
    name: str
    """The manager as people call it."""

    def as_json(self) -> dict[str, str]:
        return self._asdict()


@dataclass(frozen=True, slots=True)
class Added:
    count: int = 0
    fields: tuple[AddedField, ...] = ()
    """NAMED_MOST at most."""

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "fields": [one.as_json() for one in self.fields]}


NOTHING_ADDED = Added()


def _names(fields: Iterable[AddedField]) -> str:
    return ", ".join(sorted({one.name for one in fields}))


def goes_along(added: Added) -> str:
    """What goes of others with an object that is deleted, in words; "" where nothing does."""
    if not added.count:
        return ""
    count = "1 field" if added.count == 1 else f"{added.count} fields"
    return f"{count} of {_names(added.fields)} {'goes' if added.count == 1 else 'go'} with it"


def added_by_others(applied: Mapping[str, Any], owned: Owners) -> Added:
    """The fields that only others set, and that stand nowhere in what we apply; an item of a list counts once.

    What controllers, autoscalers and injectors add is their work and is left out. `applied` is the object with all its
    fields, also those that are left to others.
    """
    if not has_people(owner for owner, _ in owned.entries):
        return NOTHING_ADDED
    found: dict[str, AddedField] = {}
    seen: dict[Path, Mapping[str, Any]] = {}
    count = 0
    for path, owners in owned.by_path().items():
        if path[0] in _NOBODYS or path[-1] in _BOOKKEEPING or any(one.is_ours for one in owners):
            continue
        by_people = [one for one in owners if _is_of_people(one)]
        whole = _missing(applied, path, seen) if by_people else None
        if whole is None or (text := path_text(whole)) in found:
            continue
        last = max(by_people, key=lambda one: one.at)
        found[text] = AddedField(text, last.manager, known(last).name)
        count += 1
    return Added(count, tuple(found[text] for text in sorted(found)[:NAMED_MOST]))


def taken_along(owned: Owners) -> Added:
    """The fields that others alone have set on an object that is ours, and that go with it when it is deleted; what
    stands where nothing is ours counts once."""
    if not has_people(owner for owner, _ in owned.entries):
        return NOTHING_ADDED
    by_path = owned.by_path()
    ours = {
        path[:end] for path, rows in by_path.items() if any(one.is_ours for one in rows) for end in range(len(path) + 1)
    }
    found: dict[str, AddedField] = {}
    for path, rows in by_path.items():
        if path[0] in _NOBODYS or path[-1] in _BOOKKEEPING or path in ours:
            continue
        if not (by_people := [one for one in rows if _is_of_people(one)]):
            continue
        depth = next(place for place in range(len(path)) if path[: place + 1] not in ours)
        last = max(by_people, key=lambda one: one.at)
        text = path_text(_whole(path, depth))
        found.setdefault(text, AddedField(text, last.manager, known(last).name))
    return Added(len(found), tuple(found[text] for text in sorted(found)[:NAMED_MOST]))


def has_people(owners: Iterable[Owner]) -> bool:
    """Whether others than controllers, autoscalers and injectors are among them: only they add anything."""
    return any(_is_of_people(owner) for owner in owners)


def _is_of_people(one: Owner) -> bool:
    return not one.is_ours and not one.subresource and known(one).sort not in WORKS_BY_ITSELF


def _missing(applied: Any, path: Path, seen: dict[Path, Mapping[str, Any]]) -> Path | None:
    """The field, or the item of a list that it is part of and that we have not; None where we have the field. `seen`
    keeps what stands below each path."""
    value = applied
    for depth, element in enumerate(path):
        above = path[:depth]
        below = seen.get(above)
        if below is None:
            below = seen[above] = dict(children(value, above))
        if element not in below:
            return _whole(path, depth)
        value = below[element]
    return None


def _whole(path: Path, depth: int) -> Path:
    """The field, or the item of a list below `depth` that it is part of."""
    rest = (place + 1 for place in range(depth, len(path)) if path[place][:2] in ("k:", "v:"))
    return path[: next(rest, len(path))]
