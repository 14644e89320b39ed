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
import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.ownership.elements import value_of

Fields = dict[str, Any]
"""A tree of path elements, as in `fieldsV1`; {} is a leaf."""
Path = tuple[str, ...]

NOT_CONTENT = frozenset({"apiVersion", "kind", "metadata", "status"})
MISSING = object()


def unmanaged(live: Mapping[str, Any]) -> list[Path]:
    """The fields of the object that no manager has, without those of its metadata and status."""
    managed: Fields = {}
    for entry in live["metadata"].get("managedFields") or ():
        _add(managed, entry.get("fieldsV1") or {})
    content = {name: value for name, value in live.items() if name not in NOT_CONTENT}
    return list(_leaves(_unmanaged(content, managed) or {}))


def without(live: Manifest, paths: Collection[Path]) -> Manifest:
    """The object's content without these fields, and without the maps that they leave empty."""
    content = copy.deepcopy({name: value for name, value in live.items() if name not in ("metadata", "status")})
    for path in paths:
        _remove(content, path)
    return content


def value_at(content: Any, path: Path) -> Any:
    """The value of a field, MISSING when there is none."""
    for element in path:
        mark = element[:2]
        if mark == "f:" and isinstance(content, dict):
            content = content.get(element[2:], MISSING)
        elif mark == "k:" and isinstance(content, list):
            content = _item(content, element)
        else:
            return MISSING
    return content


def outdated(
    live: Manifest, paths: Collection[Path], wanted: Manifest, before: Manifest, after: Manifest
) -> list[Path]:
    """Those of the unmanaged fields that were filled in for what was set before and would not be now.

    `before` is what the API server makes of the object without them, `after` what it makes of `wanted`.
    """
    return [
        path
        for path in paths
        if value_at(wanted, path) is MISSING and value_at(before, path) == value_at(live, path) != value_at(after, path)
    ]


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
        return [item for element, tree in below.items() if (item := _part_of_item(value, element, tree)) is not MISSING]
    return value


def _part_of_item(items: list[Any], element: str, fields: Fields) -> Any:
    if element.startswith("k:"):
        item = _item(items, element)
        return MISSING if item is MISSING else {**json.loads(element[2:]), **_part(item, fields)}
    if element.startswith("v:"):
        wanted = json.loads(element[2:])
        return wanted if wanted in items else MISSING
    return MISSING


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
        items = {
            element: found
            for element, fields in managed.items()
            if element.startswith("k:")
            and (item := _item(value, element)) is not MISSING
            and (found := _unmanaged(item, fields)) is not None
        }
        return items or None
    return None


def _item(items: list[Any], element: str) -> Any:
    """The item of a list that has the key."""
    wanted = value_of(element).items()
    return next((item for item in items if isinstance(item, Mapping) and wanted <= item.items()), MISSING)


def _remove(content: Any, path: Path) -> None:
    first, *rest = path
    below = value_at(content, (first,))
    if below is MISSING:
        return
    if rest:
        _remove(below, tuple(rest))
    if isinstance(content, dict) and (not rest or below == {}):
        del content[first[2:]]
