"""Fields of an object by the paths of `managedFields`: who has which, what stands there, and how people write them.

A path is a tuple of elements: `f:name` of a map, `k:{"name":"app"}` of a list whose items have a key, `v:"x"` of a
list that is a set. A leaf is what the API server treats as one value; that may be a whole map or list.
Source: Kubernetes docs, "Server-Side Apply", section "Field management".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.objects import Manifest
from clusters.domain.ownership.elements import value_of
from clusters.domain.ownership.items import MISSING
from clusters.domain.ownership.owners import entries_of

Tree = dict[str, Any]
"""Path elements with what is below each, as in `fieldsV1`; {} is a leaf."""
Path = tuple[str, ...]

_SELF = "."
_WRITTEN = json.JSONEncoder(separators=(",", ":")).encode
"""In `fieldsV1`: the map or item itself, beside its fields."""
_NOT_CONTENT = frozenset({"apiVersion", "kind", "status"})
_NOT_METADATA = frozenset(
    {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink", "name", "namespace"}
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has a field besides us."""

    manager: str
    at: str
    """When its entry was written last, as the API server says; "" when it does not."""


def our_fields(live: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that are ours by apply; not to be changed, since it may be part of the object."""
    found = [entry.get("fieldsV1") or {} for entry in _entries(live) if _is_ours(entry)]
    if len(found) == 1:
        return found[0]
    tree: Tree = {}
    for one in found:
        merge(tree, one)
    return tree


def owners(live: Mapping[str, Any]) -> dict[Path, list[Owner]]:
    """The leaves that others have, with who has them."""
    found: dict[Path, list[Owner]] = {}
    for entry in _entries(live):
        if not _is_ours(entry):
            owner = Owner(str(entry.get("manager") or "unknown"), str(entry.get("time") or ""))
            for path in leaves(entry.get("fieldsV1") or {}):
                found.setdefault(path, []).append(owner)
    return found


def shape_of(*objects: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """All fields that anybody has in any of the objects: which lists have keys, and which values are taken as one. Not
    to be changed, since it may be part of an object."""
    found = [entry.get("fieldsV1") or {} for one in objects for entry in _entries(one or {})]
    if len(found) == 1:
        return found[0]
    tree: Tree = {}
    for one in found:
        merge(tree, one)
    return tree


def merge(tree: Tree, more: Mapping[str, Any]) -> None:
    for element, below in more.items():
        merge(tree.setdefault(element, {}), below)


def leaves(tree: Mapping[str, Any], path: Path = ()) -> list[Path]:
    """The paths of all leaves. A map or item of which nothing but itself is named is a leaf."""
    found: list[Path] = []
    _add_leaves(tree, path, found)
    return found


def _add_leaves(tree: Mapping[str, Any], path: Path, found: list[Path]) -> None:
    """A list that is filled costs half of what nested generators do."""
    for element, below in tree.items():
        if element == _SELF:
            continue
        if below and (len(below) > 1 or _SELF not in below):
            _add_leaves(below, (*path, element), found)
        else:
            found.append((*path, element))


class Values:
    """The values of many fields of one object. What stands above them is found once, items of lists by their keys."""

    def __init__(self, content: Any) -> None:
        self._known: dict[Path, Any] = {(): content}
        self._items: dict[tuple[Path, tuple[str, ...]], dict[str, Any]] = {}

    def at(self, path: Path) -> Any:
        """The value of a field, MISSING when there is none."""
        known = self._known
        if path not in known:
            above, element = path[:-1], path[-1]
            content = self.at(above)
            is_item = element[:2] in ("k:", "v:") and isinstance(content, list)
            known[path] = self._item(above, content, element) if is_item else _child(content, element)
        return known[path]

    def _item(self, above: Path, items: list[Any], element: str) -> Any:
        wanted = value_of(element)
        names = tuple(wanted) if element[:2] == "k:" else ()
        if (above, names) not in self._items:
            self._items[above, names] = {_element(item, names): item for item in reversed(items)}
        return self._items[above, names].get(_element(wanted, names), MISSING)


class Reading:
    """An object with what its `managedFields` say; each is read once, when it is asked for first."""

    def __init__(self, content: Manifest) -> None:
        self.content = content
        self._values = Values(content)
        self._written: dict[Path, bytes] = {}

    @cached_property
    def ours(self) -> list[Path]:
        """The leaves that are ours by apply."""
        return leaves(our_fields(self.content))

    @cached_property
    def others(self) -> dict[Path, list[Owner]]:
        """The leaves that others have, with who has them."""
        return owners(self.content)

    def written(self, path: Path) -> bytes:
        """The value of a field as JSON: equal for equal values, empty where there is none."""
        known = self._written.get(path)
        if known is None:
            value = self._values.at(path)
            known = b"" if value is MISSING else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
            self._written[path] = known
        return known


def value_at(content: Any, path: Path) -> Any:
    """The value of a field, MISSING when there is none."""
    for element in path:
        content = _child(content, element)
    return content


def _child(content: Any, element: str) -> Any:
    mark = element[:2]
    if mark == "f:" and isinstance(content, dict):
        return content.get(element[2:], MISSING)
    if mark in ("k:", "v:") and isinstance(content, list):
        wanted = value_of(element)
        fits = _has_key if mark == "k:" else _is_same
        return next((item for item in content if fits(item, wanted)), MISSING)
    if mark == "i:" and isinstance(content, list) and int(element[2:]) < len(content):
        return content[int(element[2:])]
    return MISSING


def flat(content: Manifest | None, shape: Mapping[str, Any]) -> dict[Path, Any]:
    """Every leaf of the object's content with its value; without status and what the API server alone writes."""
    if content is None:
        return {}
    found: dict[Path, Any] = {}
    for name, value in content.items():
        if name == "metadata":
            if kept := {key: one for key, one in value.items() if key not in _NOT_METADATA}:
                _flatten(kept, shape.get("f:metadata"), ("f:metadata",), found)
        elif name not in _NOT_CONTENT:
            _flatten(value, shape.get(f"f:{name}"), (f"f:{name}",), found)
    return found


def count(content: Manifest, shape: Mapping[str, Any]) -> int:
    """How many leaves `flat` finds, without their paths."""
    found = 0
    for name, value in content.items():
        if name == "metadata":
            if kept := {key: one for key, one in value.items() if key not in _NOT_METADATA}:
                found += _count(kept, shape.get("f:metadata"))
        elif name not in _NOT_CONTENT:
            found += _count(value, shape.get(f"f:{name}"))
    return found


def _count(value: Any, shape: Mapping[str, Any] | None) -> int:
    """As `_flatten` goes."""
    found = 0
    if isinstance(value, dict) and value and (shape is None or shape):
        below = shape or {}
        for name, child in value.items():
            found += _count(child, below.get(f"f:{name}"))
    elif isinstance(value, list) and value and shape and (len(shape) > 1 or _SELF not in shape):
        names = _key_names(shape)
        items = {_element(item, names): item for item in value}
        if len(items) < len(value):  # some have the same key, and some of their fields the same path
            paths: dict[Path, Any] = {}
            _flatten(value, shape, (), paths)
            return len(paths)
        for element, item in items.items():
            found += _count(item, shape.get(element, {_SELF: {}})) if element[:2] == "k:" else 1
    else:
        found = 1
    return found


def _flatten(value: Any, shape: Mapping[str, Any] | None, path: Path, found: dict[Path, Any]) -> None:
    """Add what is at the path: leaf by leaf where anybody has a part of it, else as one value."""
    if isinstance(value, dict) and value and (shape is None or shape):
        below = shape or {}
        for name, child in value.items():
            element = f"f:{name}"
            _flatten(child, below.get(element), (*path, element), found)
    elif isinstance(value, list) and value and shape and (len(shape) > 1 or _SELF not in shape):
        names = _key_names(shape)
        for item in value:
            element = _element(item, names)
            if element[:2] == "k:":
                _flatten(item, shape.get(element, {_SELF: {}}), (*path, element), found)
            else:
                found[*path, element] = item
    else:
        found[path] = value


def _key_names(below: Mapping[str, Any]) -> tuple[str, ...]:
    """By which fields the items of a list are told apart; () for a set."""
    first = next((element for element in below if element[:2] == "k:"), None)
    return tuple(value_of(first)) if first is not None else ()


def _element(item: Any, names: tuple[str, ...]) -> str:
    if names and isinstance(item, dict):
        return f"k:{_WRITTEN({name: item.get(name) for name in names})}"
    return f"v:{_WRITTEN(item)}"


def _entries(live: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in entries_of(live):
        if entry.get("subresource") != "status":
            yield entry


def _is_ours(entry: Mapping[str, Any]) -> bool:
    return entry.get("operation") == "Apply" and entry.get("manager") in OUR_MANAGERS


def _has_key(item: Any, key: Mapping[str, Any]) -> bool:
    return isinstance(item, dict) and key.items() <= item.items()


def _is_same(item: Any, value: Any) -> bool:
    return bool(item == value and type(item) is type(value))
