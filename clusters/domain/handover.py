"""Fields of an object that nobody manages: what the API server filled in, and what becomes of it at the next apply.

A field that was filled in for an earlier manifest belongs to no manager, so leaving it out of a later one does not take
it away: a Deployment whose strategy changes keeps parameters that the new one forbids, pods keep an identity that was
taken from them, a container keeps the pull policy of its first tag. Such a field is recognised by three facts: no
manager has it, it has the value that the API server fills in for what people and controllers set before, and it
fills in another value, or none, for what is applied now. It is adopted: once our entry has it, the apply that leaves it
out removes it, and the API server fills in anew.

The other way round, a field is released when it is left to somebody else: taken out of our entry, it keeps its value.

Paths are those of `managedFields`: `f:name` of a map, `k:{"name":"app"}` of a list whose items have a key.
Source: Kubernetes docs, "Server-Side Apply", sections "Field management" and "Transferring ownership".
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.ownership.elements import value_of
from clusters.domain.ownership.items import MISSING, Items, Values

Fields = dict[str, Any]
"""A tree of path elements, as in `fieldsV1`; {} is a leaf."""
Path = tuple[str, ...]

NOT_CONTENT = frozenset({"apiVersion", "kind", "metadata", "status"})
FIELDS_MOST = 20_000
"""Fields that nobody manages; of an object with more of them, none changes hands."""


def unmanaged(live: Mapping[str, Any]) -> list[Path]:
    """The fields of the object that no manager has, without those of its metadata and status; none where there are more
    than FIELDS_MOST."""
    managed: Fields = {}
    for entry in live["metadata"].get("managedFields") or ():
        _add(managed, entry.get("fieldsV1") or {})
    content = {name: value for name, value in live.items() if name not in NOT_CONTENT}
    found = list(islice(_leaves(_unmanaged(content, managed) or {}), FIELDS_MOST + 1))
    return found if len(found) <= FIELDS_MOST else []


def without(live: Manifest, paths: Collection[Path]) -> Manifest:
    """The object's content without these fields, and without the maps that they leave empty."""
    content = {name: value for name, value in live.items() if name not in ("metadata", "status")}
    tree: Fields = {}
    for path in paths:
        node = tree
        for element in path:
            node = node.setdefault(element, {})
    left: Manifest = copy.deepcopy(content)
    _take_out(left, tree)
    return left


def value_at(content: Any, path: Path) -> Any:
    """The value of a field, MISSING when there is none. Of many fields, `Values` gives them."""
    return Values(content).at(path)


def outdated(
    live: Manifest, paths: Collection[Path], wanted: Manifest, before: Manifest, after: Manifest
) -> list[Path]:
    """Those of the unmanaged fields that were filled in for what was set before and would not be now.

    `before` is what the API server makes of the object without them, `after` what it makes of `wanted`.
    """
    said, was, given, is_now = Values(wanted), Values(before), Values(live), Values(after)
    return [path for path in paths if said.at(path) is MISSING and was.at(path) == given.at(path) != is_now.at(path)]


def has_applied(live: Mapping[str, Any], manager: str) -> bool:
    """Whether the manager has any field of the object by apply."""
    return _fields_of(live["metadata"].get("managedFields"), manager) is not None


def has(managed_fields: Any, manager: str, path: Path) -> bool:
    """Whether the manager has the field by apply."""
    fields = _fields_of(managed_fields, manager)
    for element in path:
        if fields is None or element not in fields:
            return False
        fields = fields[element]
    return True


def adopted(
    managed_fields: Any, manager: str, api_version: str, adopt: Collection[Path], release: Collection[Path] = ()
) -> list[dict[str, Any]] | None:
    """`managedFields` in which the manager has further fields, and others no more; None when it has applied nothing."""
    entries: list[dict[str, Any]] = copy.deepcopy(list(managed_fields or ()))
    fields = _fields_of(entries, manager, api_version)
    if fields is None:
        return None
    for path in adopt:
        node = fields
        for element in path:
            node = node.setdefault(element, {})
    for path in release:
        _drop(fields, path)
    return entries


def joined(managed_fields: Any, manager: str, former: str) -> list[dict[str, Any]] | None:
    """`managedFields` in which the manager has what a former one of ours had by apply; None when that has nothing."""
    entries: list[dict[str, Any]] = copy.deepcopy(list(managed_fields or ()))
    ours, theirs = _fields_of(entries, manager), _fields_of(entries, former)
    if ours is None or theirs is None:
        return None
    _add(ours, theirs)
    return [entry for entry in entries if not (entry.get("manager") == former and entry.get("operation") == "Apply")]


def applied_part(live: Manifest, managers: Collection[str]) -> Manifest:
    """What these managers have applied of an object, as it can be applied again."""
    fields: Fields = {}
    for entry in live["metadata"].get("managedFields") or ():
        if entry.get("operation") == "Apply" and entry.get("manager") in managers and not entry.get("subresource"):
            _add(fields, entry.get("fieldsV1") or {})
    content: Manifest = _part(live, fields)
    names = {name: live["metadata"][name] for name in ("name", "namespace") if name in live["metadata"]}
    kind = {name: live[name] for name in ("apiVersion", "kind")}
    return {**kind, **content, "metadata": {**content.get("metadata", {}), **names}}


def _part(value: Any, fields: Fields) -> Any:
    """What of a value the tree names; {} names all of it."""
    below = {element: tree for element, tree in fields.items() if element != "."}
    if not fields:
        return value
    if isinstance(value, Mapping):
        return {
            name: _part(value[name], tree)
            for element, tree in below.items()
            if element.startswith("f:") and (name := element[2:]) in value
        }
    if isinstance(value, list):
        items = Items(value)
        return [item for element, tree in below.items() if (item := _part_of_item(items, element, tree)) is not MISSING]
    return value


def _part_of_item(items: Items, element: str, fields: Fields) -> Any:
    item = items.find(element)
    if item is MISSING or element.startswith("v:"):
        return item
    return {**value_of(element), **_part(item, fields)}


def _fields_of(managed_fields: Any, manager: str, api_version: str | None = None) -> Fields | None:
    for entry in managed_fields or ():
        is_applied = entry.get("operation") == "Apply" and not entry.get("subresource")
        is_version = api_version is None or entry.get("apiVersion") == api_version
        if entry.get("manager") == manager and is_applied and is_version:
            fields: Fields = entry.get("fieldsV1") or {}
            return fields
    return None


def added(tree: Mapping[str, Any], more: Mapping[str, Any]) -> Fields:
    """Both trees in one."""
    both = copy.deepcopy(dict(tree))
    _add(both, more)
    return both


def dropped(tree: Mapping[str, Any], paths: Collection[Path]) -> Fields:
    """The tree without these leaves, and without what they leave empty."""
    left = copy.deepcopy(dict(tree))
    for path in paths:
        _drop(left, path)
    return left


def _add(tree: Fields, more: Mapping[str, Any]) -> None:
    for element, below in more.items():
        _add(tree.setdefault(element, {}), below)


def _drop(tree: Fields, path: Path) -> None:
    first, *rest = path
    if first not in tree:
        return
    if rest:
        _drop(tree[first], tuple(rest))
    if not rest or not tree[first]:
        del tree[first]


def _leaves(tree: Fields, path: Path = ()) -> Iterator[Path]:
    for element, below in tree.items():
        if below:
            yield from _leaves(below, (*path, element))
        else:
            yield (*path, element)


def _unmanaged(value: Any, managed: Fields | None) -> Fields | None:
    """The tree of what is unmanaged in a value; None when nothing is. `managed` is None where nobody has anything."""
    if managed == {}:
        return None  # somebody has the whole value
    if isinstance(value, Mapping) and (value or managed is not None):
        below = {
            f"f:{name}": found
            for name, child in value.items()
            if (found := _unmanaged(child, None if managed is None else managed.get(f"f:{name}"))) is not None
        }
        return below or None
    if managed is None:
        return {}
    if isinstance(value, list):
        items = Items(value)
        below = {
            element: found
            for element, fields in managed.items()
            if element.startswith("k:")
            and (item := items.find(element)) is not MISSING
            and (found := _unmanaged(item, fields)) is not None
        }
        return below or None
    return None


def _take_out(content: Any, tree: Fields) -> None:
    """Take the leaves of the tree out of a map or list, and the maps in maps that they leave empty."""
    items = Items(content) if isinstance(content, list) else None
    for element, below in tree.items():
        if items is not None:
            if below and element.startswith("k:"):
                _take_out(items.find(element), below)
            continue
        name = element[2:]
        if not isinstance(content, dict) or not element.startswith("f:") or name not in content:
            continue
        if below:
            _take_out(content[name], below)
        if not below or content[name] == {}:
            del content[name]
