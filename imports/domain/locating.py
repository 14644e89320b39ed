"""Where in the files a field of an object comes from: what an API server refuses leads back to a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from clusters.domain.objects import Manifest, Ref
from imports.domain.ledger import Entry
from imports.domain.sources import Place

FieldPath = tuple[str | int, ...]
TEXT_MOST = 4000
"""Characters of an answer in which fields are looked for."""
READ_MOST_BYTES = 2_000_000
"""Of files that are read again for places."""
_LIST_DEPTH = 4

_FIELD = re.compile(
    r"""(?<![\w./\[\]-])\.?(?P<path>[A-Za-z][\w-]{0,60}(?:\.[A-Za-z_$][\w$-]{0,60}|\[[^\]\s]{1,200}\])+)(?=[:,"\s]|$)"""
)
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


def fields_in(detail: str, manifest: Manifest) -> list[FieldPath]:
    """The fields of the object that an API server's answer names, as `spec.template.spec.containers[0].image`.

    Source: Kubernetes, `apimachinery/pkg/util/validation/field`, and structured-merge-diff, `value.Error`.
    """
    found: dict[FieldPath, None] = {}
    for match in _FIELD.finditer(detail[:TEXT_MOST]):
        path = field_path(match["path"])
        if len(path) > 1 and path[0] in (*manifest, "metadata", "spec"):
            found[path] = None
    return list(found)


def field_path(text: str) -> FieldPath:
    """`spec.ports[0].name` as ("spec", "ports", 0, "name"); keys in brackets stay texts."""
    return tuple(
        word if key == "" else int(key) if key.isdecimal() and len(key) < 10 else key.strip("\"'")
        for key, word in _STEP.findall(text)
    )


def place_of(
    entries: Iterable[Entry],
    node_id: str,
    ref: Ref,
    manifest: Manifest,
    path: FieldPath,
    api_paths: Mapping[str, str],
) -> Place | None:
    """The place of the key that gives this field of the node's object; None where no key of the ledger does.

    `api_paths` says where parameters of the node's kind end up, see `Kind.api_paths`.
    """
    names = _names_on(manifest, path)
    best: tuple[int, int] = (0, 0)
    found: Place | None = None
    for entry in entries:
        if entry.place is None:
            continue
        score = max(_scores(entry, node_id, ref, path, names, api_paths), default=(0, 0))
        if score > best:
            best, found = score, entry.place
    return found


class Written:
    """Files of YAML as they were written, read again for the places of single keys; so much of them, and no more."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents
        self._read: dict[tuple[str, int], Any] = {}
        self._left_bytes = READ_MOST_BYTES

    def place_below(self, start: Place, path: FieldPath) -> Place | None:
        """The place of the key of a field, or of the nearest one above it, in the object that begins at `start`.

        None for what cannot be found, and where enough has been read.
        """
        try:
            lines = self._contents[start.path].decode("utf-8-sig").splitlines(keepends=True)
        except (KeyError, UnicodeDecodeError):
            return None
        first = min(start.line, len(lines)) - 1
        while first > 0 and not lines[first].startswith("---"):
            first -= 1
        root = self._document(start.path, first, lines)
        node = next((one for one in _objects(root, 0) if first + one.start_mark.line + 1 == start.line), root)
        mark = None
        for step in path:
            row = _child(node, step)
            if row is None:
                break
            mark, node = row
        return Place(start.path, first + mark.line + 1, mark.column + 1) if mark is not None else None

    def _document(self, path: str, first: int, lines: Sequence[str]) -> Any:
        if (path, first) not in self._read:
            end = next(
                (number for number in range(first + 1, len(lines)) if lines[number].startswith("---")), len(lines)
            )
            text = "".join(lines[first:end])
            self._left_bytes -= len(text)
            self._read[path, first] = _composed(text) if self._left_bytes >= 0 else None
        return self._read[path, first]


def _composed(text: str) -> Any:
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return None


def _objects(node: Any, depth: int) -> Iterator[yaml.Node]:
    """The node itself, and what lies in it as in a List, the innermost first."""
    items = _child(node, "items") if depth < _LIST_DEPTH else None
    if items is not None and isinstance(items[1], yaml.SequenceNode):
        for one in items[1].value:
            yield from _objects(one, depth + 1)
    if node is not None:
        yield node


def _child(node: Any, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _scores(
    entry: Entry, node_id: str, ref: Ref, path: FieldPath, names: set[str], api_paths: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    """How much of the path the entry speaks of, and whether it also names the row of a list."""
    if entry.path[:1] == (ref.kind,) and entry.path[2:3] == (ref.name,) and entry.path[1] in ("", None, ref.namespace):
        own = entry.path[3:]
        if own and path[: len(own)] == own:
            yield len(own), 0
    flat = tuple(str(step) for step in path if isinstance(step, str))
    last = str(entry.path[-1]) if entry.path else ""
    for became in entry.became:
        if became.node_id != node_id:
            continue
        written = _written(became.field, api_paths)
        if written and flat[: len(written)] == written:
            yield len(written), int(last in names)


def _written(field: str, api_paths: Mapping[str, str]) -> tuple[str, ...]:
    """The steps in the object that a field of a node is written to, without indexes; empty where that is not known."""
    kind, _, name = field.partition(".")
    if kind == "patch":
        return tuple(step for step in field_path(name) if isinstance(step, str))
    if kind != "parameters":
        return ()
    while name:
        if name in api_paths:
            return tuple(one for one in re.split(r"\.|\[\]", api_paths[name]) if one)
        name = name.rpartition(".")[0]
    return ()


def _names_on(manifest: Manifest, path: FieldPath) -> set[str]:
    """What rows of lists on the way are called: by their index, and by their name or key."""
    names: set[str] = set()
    content: Any = manifest
    for step in path:
        if isinstance(content, Mapping):
            content = content.get(step)
            names.add(str(step))
        elif isinstance(content, Sequence) and not isinstance(content, str) and isinstance(step, int):
            content = content[step] if step < len(content) else None
            names.add(str(step))
            if isinstance(content, Mapping):
                names |= {str(content[key]) for key in ("name", "key") if key in content}
        else:
            break
    return names
