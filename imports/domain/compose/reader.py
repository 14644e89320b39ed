"""Reads the YAML of a Compose file into trees with places, within the bounds of `kubeorch.base.yaml_events`.

Plain scalars mean what Docker Compose's own YAML library makes of them: `yes` and `1:30` are text, `0644` and `0o644`
octal, `1_000` a thousand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from imports.domain.compose.tree import Fate, Node, Path, Reading
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place
from kubeorch.base.records import draft
from kubeorch.base.values import MAX_INTEGER
from kubeorch.base.yaml_events import Anchored, Bounds, YamlDuplicateKey, YamlInvalid, YamlTooLarge, decoded, events

MAX_BYTES = 1_000_000
_CORE = "tag:yaml.org,2002:"
_OURS = {"!reset": "reset", "!override": "override"}
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_INTEGERS = (
    (re.compile(r"[-+]?(0|[1-9][0-9]*)\Z"), 10),
    (re.compile(r"[-+]?0[oO]?[0-7]+\Z"), 8),
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]+\Z"), 16),
    (re.compile(r"[-+]?0[bB][01]+\Z"), 2),
)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)


def read_text(content: bytes, place: Place) -> str:
    """The text of a file that is not YAML. Raises ImportInvalid where it is too long, or not UTF-8."""
    try:
        return decoded(content, MAX_BYTES)
    except YamlInvalid as error:
        raise _refused(error, place.path) from error


def read_documents(content: bytes, path: str, reading: Reading) -> list[Node]:
    """The documents of a Compose file. Every key and item is noted in `reading.keys`.

    Raises ImportInvalid with the place.
    """
    reader = _Reader(path, reading, Bounds())
    try:
        return list(reader.documents(events(decoded(content, MAX_BYTES))))
    except YamlInvalid as error:
        raise _refused(error, path) from error


def _refused(error: YamlInvalid, path: str) -> ImportInvalid:
    place = Place(path, error.line, error.column if error.line else 0)
    code = "import.too_large" if isinstance(error, YamlTooLarge) else "import.yaml"
    return ImportInvalid(error.why, place, code=code)


def plain_scalar(text: str) -> Any:
    """What an unquoted scalar means. Source: YAML 1.2 core schema, with octals and `_` of YAML 1.1."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    bare = text.replace("_", "") if text[0] != "." else text
    for pattern, base in _INTEGERS:
        if pattern.match(bare):
            return int(bare if base == 10 else re.sub("[oOxXbB]", "", bare, count=1), base)
    return float(bare) if _FLOAT.match(bare) else text


@draft
class _Reader:
    path: str
    reading: Reading
    bounds: Bounds

    def documents(self, parsed: Iterator[Any]) -> Iterator[Node]:
        for event in parsed:
            if isinstance(event, yaml.DocumentStartEvent):
                self.bounds.anchors.clear()
                yield self._value(next(parsed), parsed, (), None)[0]

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.path, mark.line + 1, mark.column + 1)

    def _wrong(self, why: str, event: Any) -> YamlInvalid:
        mark = event.start_mark
        return YamlInvalid(why, mark.line + 1, mark.column + 1)

    def _value(self, event: Any, parsed: Iterator[Any], path: Path, key: Place | None) -> tuple[Node, int]:
        """The value and its height. The depth of a value is the length of its path, and one."""
        bounds = self.bounds
        bounds.enter(len(path) + 1, event)
        if isinstance(event, yaml.AliasEvent):
            found = bounds.alias(event, len(path) + 1)
            copy = found.value.copy()
            copy.key = key
            return copy, found.height
        bounds.count(1, event)
        before = bounds.nodes
        if event.anchor:
            bounds.anchors[event.anchor] = None
        tag = _OURS.get(event.tag or "", "")
        node = Node(None, self._place(event), key, tag)
        height = 1
        if isinstance(event, yaml.ScalarEvent):
            node.value = self._scalar(event) if tag != "reset" else None
        elif event.tag and not tag and event.tag not in ("!", f"{_CORE}seq", f"{_CORE}map"):
            raise self._wrong(f"the tag {event.tag[:60]} is not supported; write a plain value", event)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.value, height = self._sequence(parsed, path)
        else:
            node.value, height = self._mapping(parsed, path)
        if event.anchor:
            bounds.anchors[event.anchor] = Anchored(node, bounds.nodes - before + 1, height)
        return node, height

    def _sequence(self, parsed: Iterator[Any], path: Path) -> tuple[list[Node], int]:
        items: list[Node] = []
        height = 1
        for at, event in enumerate(parsed):
            if isinstance(event, yaml.SequenceEndEvent):
                break
            where = (*path, at)
            node, under = self._value(event, parsed, where, None)
            if not isinstance(event, yaml.AliasEvent):
                self.reading.keys.append((where, node.place))
            height = max(height, under + 1)
            if node.tag == "reset":
                self.reading.lost(where, node, node.place, Fate.RESET)
            else:
                items.append(node)
        return items, height

    def _mapping(self, parsed: Iterator[Any], path: Path) -> tuple[dict[str, Node], int]:
        own: dict[str, Node] = {}
        merged: Node | None = None
        height = 1
        for event in parsed:
            if isinstance(event, yaml.MappingEndEvent):
                break
            name = self._key(event)
            where, place = (*path, name), self._place(event)
            node, under = self._value(next(parsed), parsed, where, place)
            self.reading.keys.append((where, place))
            height = max(height, under + 1)
            is_merge = name == "<<" and not event.style
            if name in own or (is_merge and merged):
                why = f"the key {name[:60]!r} appears twice; keep one"
                raise YamlDuplicateKey(why, place.line, place.column)
            if is_merge:
                merged = node
            else:
                own[name] = node
        return (self._with_merged(own, merged, path) if merged else own), height

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._wrong("a key must be text", event)
        self.bounds.count(1, event)
        if not isinstance(self._scalar(event), str):
            raise self._wrong(f"the key {event.value[:60]} is not text; put it in quotes", event)
        name: str = event.value
        if event.anchor:
            self.bounds.anchors[event.anchor] = Anchored(Node(name, self._place(event)), 1, 1)
        return name

    def _with_merged(self, own: dict[str, Node], merge: Node, path: Path) -> dict[str, Node]:
        """A mapping with what << brings in: own keys win, then the earlier of a list."""
        merged: dict[str, Node] = {}
        for source in merge.value if isinstance(merge.value, list) else [merge]:
            if not isinstance(source.value, dict):
                raise YamlInvalid("<< needs a mapping, or a list of mappings", merge.where.line, merge.where.column)
            for key, item in source.value.items():
                winner = own.get(key) or merged.get(key)
                if winner:
                    self.reading.lost((*path, "<<", key), item, winner.where, Fate.OVERRIDDEN)
                else:
                    merged[key] = item
            if source is not merge:
                self.reading.lost((*path, "<<"), Node(None, source.place), merge.where, Fate.DIRECTIVE)
        self.reading.lost((*path, "<<"), Node(None, merge.place, merge.key), merge.where, Fate.DIRECTIVE)
        return merged | own

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        tag = event.tag or ""
        if tag in _OURS or tag == f"{_CORE}str" or (event.style and not tag.startswith(_CORE)) or tag == "!":
            return text
        try:
            value = plain_scalar(text)
        except ValueError as error:  # more digits than Python converts
            raise YamlTooLarge("the number has too many digits", event.start_mark.line + 1) from error
        if isinstance(value, float) and not math.isfinite(value):
            raise self._wrong("the number is not finite; put it in quotes if it is text", event)
        if isinstance(value, int) and not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
            raise self._wrong("the number does not fit into 64 bits; put it in quotes if it is text", event)
        if not tag:
            return value
        if tag == f"{_CORE}float" and type(value) is int:
            return float(value)
        fits = {"int": int, "float": float, "bool": bool, "null": type(None)}.get(tag.removeprefix(_CORE))
        if fits is not type(value):
            raise self._wrong(f"{text[:60]!r} does not fit its tag, or the tag {tag[:60]} is not supported", event)
        return value
