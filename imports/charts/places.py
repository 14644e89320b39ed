"""Where the keys of a YAML text stand."""

from __future__ import annotations

from typing import Any

import yaml

from kubeorch.base.yaml_events import YamlInvalid, decoded, events, line_of

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
Path = tuple[str | int, ...]


def key_lines(content: bytes | str) -> dict[Path, int]:
    """The line of each key and item of the first document, from 1. What cannot be read ends it early."""
    found: dict[Path, int] = {}
    above: list[_Level] = []
    try:
        for event in events(decoded(content, MAX_BYTES)):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            if isinstance(event, yaml.CollectionEndEvent):
                above.pop()
                continue
            if not isinstance(event, yaml.NodeEvent):
                continue
            path = above[-1].step(event, found) if above else ()
            if isinstance(event, yaml.CollectionStartEvent):
                if len(above) == MAX_DEPTH:
                    break
                above.append(_Level(path, isinstance(event, yaml.MappingStartEvent)))
    except YamlInvalid:
        return found
    return found


class _Level:
    """A mapping or list that is being read."""

    def __init__(self, path: Path, is_mapping: bool) -> None:
        self._path = path
        self._is_mapping = is_mapping
        self._number = 0
        self._key: str | None = None

    def step(self, event: Any, found: dict[Path, int]) -> Path:
        """The path of what begins here; a key is noted, and what follows it is at its path."""
        if not self._is_mapping:
            path = (*self._path, self._number)
            self._number += 1
            found.setdefault(path, line_of(event))
            return path
        if self._key is None:
            self._key = str(getattr(event, "value", ""))
            path = (*self._path, self._key)
            found.setdefault(path, line_of(event))
            return path
        path = (*self._path, self._key)
        self._key = None
        return path
