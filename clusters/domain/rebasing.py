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
    found: dict[str, Any] = copy.deepcopy(dict(live))
    clashes: list[Clash] = []
    for edit in list(_edits((), base, edited)):
        if isinstance(edit, Order):
            _put_in_order(found, edit)
            continue
        now = value_at(found, edit.path)
        if same(now, edit.after):
            continue
        if not same(now, edit.before):
            decision = decisions.get(edit.text)
            if decision != "mine":
                if decision != "theirs":
                    clashes.append(Clash(edit.path, edit.before, edit.after, now))
                continue
        _set(found, edit.path, copy.deepcopy(edit.after))
    return Rebased(found, tuple(clashes))


def value_at(value: Any, path: Path) -> Any:
    """What stands there; ABSENT for nothing."""
    for depth, element in enumerate(path):
        value = next((child for name, child in children(value, path[:depth]) if name == element), ABSENT)
        if value is ABSENT:
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
    at: Any = root
    for depth, element in enumerate(path):
        is_last = depth == len(path) - 1
        below = next((child for name, child in children(at, path[:depth]) if name == element), ABSENT)
        if not is_last and isinstance(below, (dict, list)):
            at = below
            continue
        made: Any = value if is_last else [] if path[depth + 1][:2] in ("k:", "v:", "i:") else {}
        if not is_last and element[:2] == "k:":
            made = json.loads(element[2:])
        if made is ABSENT and below is ABSENT:
            return
        _put(at, path[:depth], element, made)
        at = made


def _put(at: Any, path: Path, element: str, made: Any) -> None:
    if isinstance(at, dict):
        if made is ABSENT:
            at.pop(element[2:], None)
        else:
            at[element[2:]] = made
        return
    index = next((index for index, (name, _) in enumerate(children(at, path)) if name == element), None)
    if index is None:
        at.append(made)
    elif made is ABSENT:
        del at[index]
    else:
        at[index] = made


def _put_in_order(root: dict[str, Any], order: Order) -> None:
    """The items of the person in their order; what others added stays behind what it stood behind."""
    items = value_at(root, order.path)
    if not isinstance(items, list):
        return
    there = dict(children(items, order.path))
    wanted = [element for element in order.elements if element in there]
    for element, before in zip(there, [None, *there], strict=False):
        if element not in wanted:
            wanted.insert(wanted.index(before) + 1 if before in wanted else 0, element)
    items[:] = [there[element] for element in wanted]
