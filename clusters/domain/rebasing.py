"""Edits of an object, field by field, and the same edits on the object as it is by now.

An edit is what differs between the object that a person was shown and what they made of it. Where the live object has
moved on, their edits are made in it; only a field that both changed, to different values, is a clash, which a person
decides. Lists that Kubernetes merges by a key are compared item by item (`ownership.paths`), other lists as one value.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from clusters.domain.ownership.paths import Path, children, path_text


class Absent(Enum):
    """The value of a field that is not there."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Edit:
    """One field, before and after; ABSENT where it is not there."""

    path: Path
    before: Any
    after: Any

    @property
    def text(self) -> str:
        return path_text(self.path)


@dataclass(frozen=True, slots=True)
class Order:
    """The items of a list that is merged by a key, in the order in which the person left them."""

    path: Path
    elements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that the person and somebody else have changed to different values."""

    path: Path
    base: Any
    mine: Any
    theirs: Any

    @property
    def text(self) -> str:
        return path_text(self.path)


@dataclass(frozen=True, slots=True)
class Rebased:
    object: dict[str, Any]
    clashes: tuple[Clash, ...]
    """Those without a decision; their fields are as the live object has them."""


def edits_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Edit]:
    """The fields that differ, in the order of the objects."""
    return [found for found in _edits((), before, after) if isinstance(found, Edit)]


def rebase(
    base: Mapping[str, Any], edited: Mapping[str, Any], live: Mapping[str, Any], decisions: Mapping[str, str]
) -> Rebased:
    """The live object with the edits that lead from `base` to `edited`. Nothing that is handed in is changed.

    `decisions` says `mine` or `theirs` for the paths of clashes.
    """
    found = _opened(dict(live), ())
    clashes: list[Clash] = []
    for edit in list(_edits((), base, edited)):
        if isinstance(edit, Order):
            _put_in_order(found, edit)
            continue
        now = _closed(_value_at(found, edit.path))
        if same(now, edit.after):
            continue
        if not same(now, edit.before):
            decision = decisions.get(edit.text)
            if decision != "mine":
                if decision != "theirs":
                    clashes.append(Clash(edit.path, edit.before, edit.after, now))
                continue
        _set(found, edit.path, edit.after)
    return Rebased(_closed(found), tuple(clashes))


class _Items(dict[str, Any]):
    """The items of a list by their elements, in their order, so that each is found in one step."""


def _opened(value: Any, path: Path) -> Any:
    """A copy in which lists that have items with keys, and empty ones, are `_Items`."""
    if isinstance(value, dict):
        return {name: _opened(child, (*path, f"f:{name}")) for name, child in value.items()}
    if isinstance(value, list):
        items = dict(children(value, path))
        if not items or any(map(_is_keyed, items)):
            return _Items({name: _opened(child, (*path, name)) for name, child in items.items()})
    return copy.deepcopy(value)


def _closed(value: Any) -> Any:
    """The other way round."""
    if isinstance(value, _Items):
        return [_closed(child) for child in value.values()]
    if isinstance(value, dict):
        return {name: _closed(child) for name, child in value.items()}
    return value


def _value_at(value: Any, path: Path) -> Any:
    """What stands there; ABSENT for nothing."""
    for element in path:
        if isinstance(value, _Items):
            value = value.get(element, ABSENT)
        elif isinstance(value, dict) and element[:2] == "f:":
            value = value.get(element[2:], ABSENT)
        else:
            return ABSENT
    return value


def same(one: Any, other: Any) -> bool:
    """Whether they are equal as JSON: `1` is neither `1.0` nor `true`."""
    if one is ABSENT or other is ABSENT:
        return one is other
    return one == other and _written(one) == _written(other)


def _written(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _edits(path: Path, before: Any, after: Any) -> Iterator[Edit | Order]:
    if same(before, after):
        return
    if isinstance(after, Mapping) and after and before is ABSENT:
        before = {}
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if not after:
            yield Edit(path, before, after)
            return
        yield from _of_children(path, dict(children(before, path)), dict(children(after, path)))
        return
    if isinstance(before, list) and isinstance(after, list):
        old, new = dict(children(before, path)), dict(children(after, path))
        if old and new and all(map(_is_keyed, (*old, *new))):
            yield from _of_children(path, old, new)
            if list(old) != list(new):
                yield Order(path, tuple(new))
            return
    yield Edit(path, before, after)


def _of_children(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Edit | Order]:
    for element in [*old, *(name for name in new if name not in old)]:
        yield from _edits((*path, element), old.get(element, ABSENT), new.get(element, ABSENT))


def _is_keyed(element: str) -> bool:
    return element[:2] in ("k:", "v:")


def _set(root: dict[str, Any], path: Path, value: Any) -> None:
    """Make the value stand there, with what has to be above it; ABSENT takes it away."""
    at = root
    for depth, element in enumerate(path[:-1]):
        name = element if isinstance(at, _Items) else element[2:]
        below = at.get(name)
        if isinstance(below, list):
            at[name] = below = _Items(children(below, path[: depth + 1]))
        elif not isinstance(below, dict):
            if value is ABSENT:
                return
            below = _made(element, path[depth + 1], path[:depth], is_item=isinstance(at, _Items))
            at[name] = below
        at = below
    name = path[-1] if isinstance(at, _Items) else path[-1][2:]
    if value is ABSENT:
        at.pop(name, None)
    else:
        at[name] = _opened(value, path)


def _made(element: str, after: str, above: Path, *, is_item: bool) -> dict[str, Any]:
    """What has to be there for `after` to stand in it: an item with its key, a list, or a map."""
    if is_item and element[:2] == "k:":
        return dict(_opened(json.loads(element[2:]), (*above, element)))
    return _Items() if _is_keyed(after) else {}


def _put_in_order(root: dict[str, Any], order: Order) -> None:
    """The items of the person in their order; what others added stays behind what it stood behind."""
    items = _value_at(root, order.path)
    if not isinstance(items, _Items):
        return
    there = dict(items)
    chosen = set(order.elements)
    behind: dict[str | None, str] = {
        before: element for element, before in zip(there, [None, *there], strict=False) if element not in chosen
    }
    items.clear()
    for first in (behind.get(None), *(one for one in order.elements if one in there)):
        at = first
        while at is not None:
            items[at] = there[at]
            at = behind.get(at)
