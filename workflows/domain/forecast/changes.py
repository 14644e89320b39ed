"""The fields in which two states of an object differ, without what the API server alone writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from clusters.domain.ownership.paths import Path, children, path_text
from clusters.domain.reading import mapping

Names = tuple[str, ...]
"""Where a field is, without which item of a list: ("spec", "template", "spec", "containers", "image")."""

MISSING = object()
_WRITTEN_BY_THE_SERVER = frozenset(
    {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; MISSING stands for an absent value."""

    path: Path
    before: Any
    after: Any

    @property
    def names(self) -> Names:
        return tuple(element[2:] for element in self.path if element[:2] == "f:")

    @property
    def text(self) -> str:
        return path_text(self.path)


def changes_of(live: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every leaf that differs. A list in another order differs, because Kubernetes may read it in order."""
    found = list(_differences(_of_people(live), _of_people(after), ("f:metadata",)))
    for name in {**live, **after}:
        if name not in ("apiVersion", "kind", "metadata", "status"):
            found += _differences(live.get(name, MISSING), after.get(name, MISSING), (f"f:{name}",))
    return found


def _of_people(content: Mapping[str, Any]) -> dict[str, Any]:
    """Its metadata, without what the API server alone writes."""
    metadata = mapping(content.get("metadata"))
    return {name: value for name, value in metadata.items() if name not in _WRITTEN_BY_THE_SERVER}


def _differences(before: Any, after: Any, path: Path) -> Iterator[Change]:
    if before is after or _is_same(before, after):
        return
    both_maps = isinstance(before, Mapping) and isinstance(after, Mapping)
    both_lists = isinstance(before, list) and isinstance(after, list)
    if not both_maps and not both_lists:
        if type(before) is not type(after) or before != after:
            yield Change(path, before, after)
        return
    old, new = dict(children(before, path)), dict(children(after, path))
    if both_lists and old.keys() == new.keys() and list(old) != list(new):
        yield Change(path, before, after)
        return
    for element in {**old, **new}:
        yield from _differences(old.get(element, MISSING), new.get(element, MISSING), (*path, element))


def _is_same(before: Any, after: Any) -> bool:
    """Whether both are surely the same: for Python 1, 1.0 and True are, and in JSON they are not."""
    return before == after and orjson.dumps(before) == orjson.dumps(after)


def under(names: Names, prefix: Names) -> bool:
    return names[: len(prefix)] == prefix


def at(value: Any, *names: str) -> Any:
    """What stands below these fields; None when it does not."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
