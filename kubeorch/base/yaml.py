"""Reads untrusted YAML within bounds.

PyYAML's own loaders let the last of two equal keys win, and read `1:30` as 90. This builds the values from the
parser's events itself, within the bounds of `yaml_events`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import yaml

from kubeorch.base.records import draft, field, record
from kubeorch.base.values import MAX_INTEGER
from kubeorch.base.yaml_events import (
    Anchored,
    Bounds,
    YamlDuplicateKey,
    YamlInvalid,
    YamlTooLarge,
    decoded,
    events,
    line_of,
)
from kubeorch.base.yaml_scalars import kubectl_scalar, plain_scalar

_LINE = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What the parser counts as the end of a line. Source: YAML 1.1, "Line Break Characters"."""


def load_strict(
    text: str | bytes,
    *,
    max_bytes: int = 1_000_000,
    max_depth: int = 64,
    max_nodes: int = 100_000,
    max_aliases: int = 1_000,
    as_kubectl: bool = False,
) -> Any:
    """The one document of the text as plain values; None for an empty text. `as_kubectl` reads scalars as kubectl does.

    Mapping keys are text as written. Aliased parts share one object: treat the result as immutable.
    Raises YamlInvalid, YamlTooLarge or YamlDuplicateKey, each with the line.
    """
    bounds = Bounds(max_depth, max_nodes, max_aliases)
    return _only(_read(text, max_bytes, _Reader(bounds, as_kubectl=as_kubectl), most=2))


@record
class Written:
    """A number or a boolean that a writer would write in another way than it was written (`1.10`, `007`, `True`)."""

    value: float | bool
    text: str


def load_as_written(text: str | bytes, *, max_bytes: int, max_nodes: int) -> Any:
    """As `load_strict`, with a Written where the value alone would not tell the text."""
    return _only(_read(text, max_bytes, _Reader(Bounds(max_nodes=max_nodes), as_written=True), most=2))


class PlacedList(list[Any]):
    """A list with mappings in it, and the line and column at which each item begins, from 1."""

    __slots__ = ("places",)

    def __init__(self, items: list[Any], places: list[tuple[int, int]]) -> None:
        super().__init__(items)
        self.places = places


@record
class YamlDocument:
    """One document of a text: its values as `load_as_written` gives them, and its own part of the text."""

    value: Any
    text: str
    line: int
    """The line on which it begins, from 1."""


def load_documents(
    text: str | bytes, *, max_bytes: int, max_nodes: int, max_documents: int, as_kubectl: bool = False
) -> list[YamlDocument]:
    """Every document of the text that is not empty. Comments stay in its text, the lines `---` do not. A list that
    holds mappings is a PlacedList.

    Empty ones count towards `max_documents` too, since reading them takes time as well; what is beyond is not read.
    """
    reader = _Reader(Bounds(max_nodes=max_nodes), as_written=True, as_kubectl=as_kubectl)
    values = _read(text, max_bytes, reader, most=max_documents + 1)
    if len(values) > max_documents:
        raise YamlTooLarge(
            f"more than {max_documents:,} documents, counting empty ones; paste them in parts", reader.starts[-1] + 1
        )
    lines = _LINE.split(decoded(text, max_bytes))
    starts = [0, *reader.starts[1:]]  # comments above the first document are part of it
    return [
        YamlDocument(value, _without_marks(lines[start:end]), line + 1)
        for value, start, end, line in zip(values, starts, [*starts[1:], len(lines)], reader.starts, strict=False)
        if value is not None
    ]


def _without_marks(lines: list[str]) -> str:
    """Lines of one document, without those that begin and end it."""
    begins = next((at for at, line in enumerate(lines) if line.startswith("---")), None)
    if begins is not None:
        before = [line for line in lines[:begins] if not line.startswith("%")]
        lines = [*before, lines[begins].removeprefix("---").lstrip(), *lines[begins + 1 :]]
    ends = next((at for at, line in enumerate(lines) if line.startswith("...")), len(lines))
    return "\n".join(lines[:ends]).strip("\n") + "\n"


def load_all_strict(
    text: str | bytes,
    *,
    max_bytes: int = 1_000_000,
    max_depth: int = 64,
    max_nodes: int = 100_000,
    max_aliases: int = 1_000,
) -> list[Any]:
    """Every document of the text; the bounds hold for all of them together."""
    return _read(text, max_bytes, _Reader(Bounds(max_depth, max_nodes, max_aliases)), most=None)


def _read(text: str | bytes, max_bytes: int, reader: _Reader, *, most: int | None) -> list[Any]:
    """The first documents of the text, at most `most`; what follows them is not read."""
    return list(islice(reader.documents(events(decoded(text, max_bytes))), most))


def _only(documents: list[Any]) -> Any:
    if len(documents) > 1:
        raise YamlInvalid("expected one document, found more; remove the lines ---")
    return documents[0] if documents else None


@draft
class _Reader:
    """Builds values from parser events and counts as it goes."""

    bounds: Bounds
    as_written: bool = False
    as_kubectl: bool = False
    starts: list[int] = field(default_factory=list)
    """The line, from 0, on which each document begins."""

    def documents(self, parsed: Iterator[Any]) -> Iterator[Any]:
        for event in parsed:
            if isinstance(event, yaml.DocumentStartEvent):
                self.bounds.anchors.clear()
                self.starts.append(line_of(event) - 1)
                yield self._value(next(parsed), parsed, 1)[0]

    def _value(self, event: Any, parsed: Iterator[Any], depth: int) -> tuple[Any, int]:
        """The value and its height (levels below and including it)."""
        self.bounds.enter(depth, event)
        if isinstance(event, yaml.AliasEvent):
            found = self.bounds.alias(event, depth)
            return found.value, found.height
        if event.tag is not None and event.tag != "!":
            raise YamlInvalid(f"the tag {event.tag[:60]} is not supported; write a plain value", line_of(event))
        self.bounds.count(1, event)
        before = self.bounds.nodes
        if event.anchor:
            self.bounds.anchors[event.anchor] = None
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value, height = _scalar(event, kubectl_scalar if self.as_kubectl else plain_scalar), 1
            if self.as_written and isinstance(value, (int, float)) and _usual(value) != event.value:
                value = Written(value, event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            value, height = self._sequence(parsed, depth)
        else:
            value, height = self._mapping(parsed, depth)
        if event.anchor:
            self.bounds.anchors[event.anchor] = Anchored(value, self.bounds.nodes - before + 1, height)
        return value, height

    def _sequence(self, parsed: Iterator[Any], depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        places: list[tuple[int, int]] = []
        height = 1
        for event in parsed:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value, below = self._value(event, parsed, depth + 1)
            items.append(value)
            if self.as_written:
                places.append((line_of(event), event.start_mark.column + 1))
            height = max(height, below + 1)
        is_placed = self.as_written and any(isinstance(item, dict) for item in items)
        return PlacedList(items, places) if is_placed else items, height

    def _mapping(self, parsed: Iterator[Any], depth: int) -> tuple[dict[str, Any], int]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        height = 1
        for event in parsed:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlInvalid("a key must be text", line_of(event))
            key = self._key(event)
            value, below = self._value(next(parsed), parsed, depth + 1)
            height = max(height, below + 1)
            if key == "<<" and not event.style:
                self._merge(value, merged, event)
            elif key in own:
                raise YamlDuplicateKey(f"the key {key[:60]!r} appears twice; keep one", line_of(event))
            else:
                own[key] = value
        return merged | own if merged else own, height

    def _key(self, event: Any) -> str:
        if event.tag is not None and event.tag != "!":
            raise YamlInvalid(f"the tag {event.tag[:60]} is not supported; write a plain value", line_of(event))
        key: str = event.value
        self.bounds.count(1, event)
        if event.anchor:
            self.bounds.anchors[event.anchor] = Anchored(key, 1, 1)
        return key

    def _merge(self, value: Any, merged: dict[str, Any], event: Any) -> None:
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise YamlInvalid("<< needs a mapping, or a list of mappings", line_of(event))
            self.bounds.count(len(source), event)
            for key, item in source.items():
                merged.setdefault(key, item)


def _scalar(event: Any, meaning: Callable[[str], Any]) -> Any:
    text: str = event.value
    if event.style or event.tag == "!":
        return text
    try:
        value = meaning(text)
    except ValueError as error:  # more digits than Python converts
        raise YamlTooLarge("the number has too many digits", line_of(event)) from error
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlTooLarge("the number is too large", line_of(event))
    if isinstance(value, int) and not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise YamlTooLarge("the number does not fit into 64 bits; put it in quotes if it is text", line_of(event))
    return value


def _usual(value: float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
