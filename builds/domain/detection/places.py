"""Where the values of a small YAML or JSON file stand: lines and columns, from 1."""

from __future__ import annotations

import re
from typing import Any

import orjson
import yaml

from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_events import YamlInvalid

Path = tuple[str | int, ...]
BYTES_MOST = 64_000
NODES_MOST = 5_000
DEPTH_MOST = 20
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Unreadable(Exception):
    """The text is not YAML or JSON that is accepted: why, line and column."""

    def __init__(self, why: str, line: int, column: int) -> None:
        super().__init__(why)
        self.why = why
        self.line = line
        self.column = column


class Placed:
    """Values of a file, and where the key of each stands."""

    def __init__(self, value: Any, places: dict[Path, tuple[int, int]]) -> None:
        self.value = value
        self._places = places

    def at(self, path: Path) -> tuple[int, int]:
        """Of a key, or of the nearest one above it."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))


def read_yaml(text: str) -> Placed:
    """Raises Unreadable."""
    try:
        value = load_strict(text, max_bytes=BYTES_MOST, max_nodes=NODES_MOST, max_depth=DEPTH_MOST, max_aliases=0)
    except YamlInvalid as error:
        raise Unreadable(error.why, error.line or 1, error.column) from error
    places: dict[Path, tuple[int, int]] = {}
    waiting: list[tuple[Path, Any]] = [((), yaml.compose(text, Loader=_LOADER))]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            for key, inside in node.value:
                below = (*path, str(key.value))
                places[below] = (key.start_mark.line + 1, key.start_mark.column + 1)
                waiting.append((below, inside))
        elif isinstance(node, yaml.SequenceNode):
            for number, inside in enumerate(node.value):
                places[(*path, number)] = (inside.start_mark.line + 1, inside.start_mark.column + 1)
                waiting.append(((*path, number), inside))
    return Placed(value, places)


def read_json(text: str) -> Placed:
    """Raises Unreadable. A key that is there twice is refused."""
    if len(text) > BYTES_MOST:
        raise Unreadable(f"the file has more than {BYTES_MOST:,} characters", 1, 1)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(error.msg, error.lineno, error.colno) from error
    except UnicodeEncodeError as error:
        raise Unreadable("the text is not UTF-8", 1, 1) from error
    return Placed(value, _places(text))


def _places(text: str) -> dict[Path, tuple[int, int]]:
    """Keys and items of a text that is JSON."""
    found: dict[Path, tuple[int, int]] = {}
    above: list[str | int | None] = []
    """Of each object and list around: the key or number that is read; None in an object before its first key."""
    wants_key: list[bool] = []
    line, line_start, read = 1, 0, 0
    for match in _WORD.finditer(text):
        newlines = text.count("\n", read, match.start())
        if newlines:
            line, line_start = line + newlines, text.rindex("\n", read, match.start()) + 1
        read = match.start()
        word, place = match[0], (line, match.start() - line_start + 1)
        path = tuple(one for one in above if one is not None)
        if wants_key and wants_key[-1] and word.startswith('"'):
            above[-1], wants_key[-1] = orjson.loads(word), False
            path = tuple(one for one in above if one is not None)
            if path in found:
                raise Unreadable(f"{word[:60]} is there twice", *place)
            found[path] = place
            continue
        if above and isinstance(above[-1], int) and word not in ("]", ","):
            found.setdefault(path, place)
        if word in "{[":
            above.append(None if word == "{" else 0)
            wants_key.append(word == "{")
            if len(above) > DEPTH_MOST:
                raise Unreadable(f"nested deeper than {DEPTH_MOST} levels", *place)
        elif word in "}]":
            above.pop()
            wants_key.pop()
        elif word == ",":
            last = above[-1]
            above[-1] = last + 1 if isinstance(last, int) else None
            wants_key[-1] = not isinstance(last, int)
    return found
