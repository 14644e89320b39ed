"""The items of lists by the elements that name them: each list is read once for each of its keys, however many of its
items are looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.ownership.elements import value_of
from clusters.domain.ownership.paths import Path, json_of

MISSING = object()
"""Where a field is not there."""
KEYS_MOST = 4
"""Of one list. A list has one key, which may change from one version of a kind to the next; only made-up ones have
more, and each costs a reading of the list."""


class Items:
    """The items of one list."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items
        self._by_key: dict[tuple[str, ...], dict[str, Any]] = {}

    def find(self, element: str) -> Any:
        """The first item with the keys or the value of the element; MISSING without one."""
        if element[:2] not in ("k:", "v:"):
            return MISSING
        wanted = value_of(element)
        if element[:2] == "k:" and not (isinstance(wanted, dict) and wanted):
            return MISSING
        names = tuple(sorted(wanted)) if element[:2] == "k:" else ()
        known = self._by_key.get(names)
        if known is None:
            if len(self._by_key) == KEYS_MOST:
                return MISSING
            known = self._by_key[names] = {}
            for item in reversed(self._items):
                known[_name(item, names)] = item
        return known.get(_name(wanted, names), MISSING)


def _name(item: Any, names: tuple[str, ...]) -> str:
    if names:
        has_all = isinstance(item, Mapping) and all(name in item for name in names)
        return json_of([item[name] for name in names]) if has_all else ""
    return json_of(item)


class Values:
    """The values of many fields of one object. What stands above them is found once."""

    def __init__(self, content: Any) -> None:
        self._known: dict[Path, Any] = {(): content}
        self._items: dict[Path, Items] = {}

    def at(self, path: Path) -> Any:
        """The value of a field, MISSING when there is none."""
        depth = len(path)
        while path[:depth] not in self._known:
            depth -= 1
        found = self._known[path[:depth]]
        for end in range(depth + 1, len(path) + 1):
            found = self._known[path[:end]] = self._below(found, path[: end - 1], path[end - 1])
        return found

    def _below(self, content: Any, above: Path, element: str) -> Any:
        if isinstance(content, dict):
            return content.get(element[2:], MISSING) if element[:2] == "f:" else MISSING
        if not isinstance(content, list):
            return MISSING
        if above not in self._items:
            self._items[above] = Items(content)
        return self._items[above].find(element)
