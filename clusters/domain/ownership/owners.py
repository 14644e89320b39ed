"""Who owns which field of an object, read from its `managedFields`.

Several managers own a field together when they set the same value; who sets another one by an update takes it from all
others. A field below a value that Kubernetes treats as one (a list of arguments, a selector) is owned with that value.

Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.ownership.elements import KEPT_CHARACTERS, KEPT_MOST, value_of
from clusters.domain.ownership.paths import Path, json_of
from clusters.domain.reading import mapping, mappings, text

Tree = dict[str, Any]
"""Path elements with what is below each; {} is a leaf, and `.` stands for the map or item itself."""

ENTRIES_MOST = 100
ELEMENTS_MOST = 20_000
DEPTH_MOST = 64
NAME_MOST = 128
_SELF = "."


@dataclass(frozen=True, slots=True)
class Owner:
    """One manager as `managedFields` names it."""

    manager: str
    operation: str
    """`Apply` or `Update`."""
    at: str
    """When it last wrote, as the API server says (RFC 3339); "" when it does not."""
    subresource: str
    """`status`, `scale` or another one through which it wrote; "" for the object itself."""

    @property
    def is_ours(self) -> bool:
        return self.operation == "Apply" and self.manager in OUR_MANAGERS


@dataclass(frozen=True, slots=True)
class Owners:
    """What every manager owns of one object."""

    entries: tuple[tuple[Owner, Tree], ...]
    complete: bool
    """False when the object has more than is read, or what cannot be read."""

    def who(self, path: Path) -> tuple[Owner, ...]:
        """The owners of a field, of the value it is part of, or of the map that stands there."""
        return tuple(owner for owner, tree in self.entries if _owns(tree, path))

    def is_whole(self, path: Path) -> bool:
        """Whether somebody owns what stands there as one value, and nobody a part of it."""
        found = [below for _, tree in self.entries if (below := _below(tree, path)) is not None]
        return bool(found) and not any(found)

    def keys_at(self, path: Path) -> tuple[str, ...]:
        """The fields by which items of the list there are told apart, as its own definition says; () for others."""
        for _, tree in self.entries:
            keyed = next((one for one in _below(tree, path) or () if one.startswith("k:")), None)
            if keyed is not None:
                return tuple(value_of(keyed))
        return ()

    def by_path(self) -> dict[Path, tuple[Owner, ...]]:
        """Every owned leaf with its owners."""
        found: dict[Path, tuple[Owner, ...]] = {}
        for owner, tree in self.entries:
            for path in _leaves(tree, ()):
                found[path] = (*found.get(path, ()), owner)
        return found


def entries_of(live: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of `managedFields` that count.

    Two entries of one manager can stand there: a write through `scale` sets the replicas apart, without a time. The API
    server reads the later one alone (`BuildManagerIdentifier` of k8s.io/apimachinery: operation, manager and
    subresource, of updates also the version; never the time).
    """
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for row in mappings(mapping(live.get("metadata")).get("managedFields")):
        operation = text(row.get("operation"))
        version = "" if operation == "Apply" else text(row.get("apiVersion"))
        found[text(row.get("manager")), operation, version, text(row.get("subresource"))] = row
    return list(found.values())


def owners(live: Mapping[str, Any]) -> Owners:
    """Linear in the size of `managedFields`; of a larger object than the bounds allow a part is read."""
    rows = entries_of(live)
    left = ELEMENTS_MOST
    entries: list[tuple[Owner, Tree]] = []
    complete = len(rows) <= ENTRIES_MOST
    for row in rows[:ENTRIES_MOST]:
        reader = _Reader(left)
        entries.append((_owner(row), reader.read(mapping(row.get("fieldsV1")), 0)))
        left, complete = reader.left, complete and reader.complete
    return Owners(tuple(entries), complete)


def who_owns(live: Mapping[str, Any]) -> list[Owner]:
    """Those of `owners`, without what they own."""
    return [_owner(row) for row in entries_of(live)[:ENTRIES_MOST]]


def _owner(row: Mapping[str, Any]) -> Owner:
    return Owner(
        text(row.get("manager"))[:NAME_MOST] or "unknown",
        text(row.get("operation"))[:NAME_MOST],
        text(row.get("time"))[:NAME_MOST],
        text(row.get("subresource"))[:NAME_MOST],
    )


class _Reader:
    """Reads trees for as long as `left` lasts."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.complete = True

    def read(self, fields: Mapping[str, Any], depth: int) -> Tree:
        found: Tree = {}
        for name, below in fields.items():
            element = _canonical(name)
            if element is None or self.left <= 0 or depth >= DEPTH_MOST or not isinstance(below, dict):
                self.complete = False
                continue
            self.left -= 1
            found[element] = self.read(below, depth + 1)
        return found


def _canonical(element: str) -> str | None:
    """The element as `paths` writes it; None for one that is none."""
    if element[:2] == "f:":
        return element
    return _kept_canonical(element) if len(element) <= KEPT_CHARACTERS else _as_path(element)


def _as_path(element: str) -> str | None:
    mark = element[:2]
    if element == _SELF or mark == "f:":
        return element
    if mark == "i:":
        return element if element[2:].isdecimal() else None
    if mark not in ("k:", "v:"):
        return None
    try:
        value = json.loads(element[2:])
    except (ValueError, RecursionError):
        return None
    if mark == "k:":
        is_key = isinstance(value, dict) and value and not any(isinstance(one, dict | list) for one in value.values())
        return f"k:{json_of(dict(sorted(value.items())))}" if is_key else None
    return f"v:{json_of(value)}"


_kept_canonical = lru_cache(KEPT_MOST)(_as_path)


def _below(tree: Tree, path: Path) -> Tree | None:
    for element in path:
        found = tree.get(element)
        if found is None:
            return None
        tree = found
    return tree


def _owns(tree: Tree, path: Path) -> bool:
    for element in path:
        found = tree.get(element)
        if found is None:
            return False
        if not found:
            return True
        tree = found
    return _SELF in tree


def _leaves(tree: Tree, path: Path) -> Iterator[Path]:
    for element, below in tree.items():
        if element == _SELF:
            continue
        if below.keys() - {_SELF}:
            yield from _leaves(below, (*path, element))
        else:
            yield (*path, element)
