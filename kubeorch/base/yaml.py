"""Reads untrusted YAML within bounds.

PyYAML's own loaders let merge keys and aliases grow without end, let the last of two equal keys win,
and read `1:30` as 90. This reads the parser's events and builds the values itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from kubeorch.base.errors import InvalidInput
from kubeorch.base.values import MAX_INTEGER
from kubeorch.base.yaml_scalars import plain_scalar

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LINE = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What the parser counts as the end of a line. Source: YAML 1.1, "Line Break Characters"."""


class YamlInvalid(InvalidInput):
    """The text is not YAML we accept. `line` counts from 1; 0 when the whole text is meant."""

    code = "yaml.invalid"

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.line = line


class YamlTooLarge(YamlInvalid):
    """A limit was exceeded: bytes, documents, depth, nodes after expansion, or aliases."""

    code = "yaml.too_large"


class YamlDuplicateKey(YamlInvalid):
    """A mapping has a key twice."""

    code = "yaml.duplicate_key"


def load_strict(
    text: str | bytes,
    *,
    max_bytes: int = 1_000_000,
    max_depth: int = 64,
    max_nodes: int = 100_000,
    max_aliases: int = 1_000,
) -> Any:
    """The one document of the text as plain values; None for an empty text.

    Mapping keys are text as written. Aliased parts share one object: treat the result as immutable.
    Raises YamlInvalid, YamlTooLarge or YamlDuplicateKey, each with the line.
    """
    return _only(_read(text, max_bytes, _Reader(max_depth, max_nodes, max_aliases), most=2))


@dataclass(frozen=True, slots=True)
class Written:
    """A number or a boolean that a writer would write in another way than it was written (`1.10`, `007`, `True`)."""

    value: float | bool
    text: str


def load_as_written(text: str | bytes, *, max_bytes: int, max_nodes: int) -> Any:
    """As `load_strict`, with a Written where the value alone would not tell the text."""
    return _only(_read(text, max_bytes, _Reader(64, max_nodes, 1_000, as_written=True), most=2))


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document of a text: its values as `load_as_written` gives them, and its own part of the text."""

    value: Any
    text: str


def load_documents(text: str | bytes, *, max_bytes: int, max_nodes: int, max_documents: int) -> list[YamlDocument]:
    """Every document of the text that is not empty. Comments stay in its text, the lines `---` do not.

    Empty ones count towards `max_documents` too, since reading them takes time as well; what is beyond is not read.
    """
    reader = _Reader(64, max_nodes, 1_000, as_written=True)
    values = _read(text, max_bytes, reader, most=max_documents + 1)
    if len(values) > max_documents:
        raise YamlTooLarge(
            f"more than {max_documents:,} documents, counting empty ones; paste them in parts", reader.starts[-1] + 1
        )
    lines = _LINE.split(_decoded(text, max_bytes))
    starts = [0, *reader.starts[1:]]  # comments above the first document are part of it
    return [
        YamlDocument(value, _without_marks(lines[start:end]))
        for value, start, end in zip(values, starts, [*starts[1:], len(lines)], strict=False)
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
    return _read(text, max_bytes, _Reader(max_depth, max_nodes, max_aliases), most=None)


def _read(text: str | bytes, max_bytes: int, reader: _Reader, *, most: int | None) -> list[Any]:
    """The first documents of the text, at most `most`; what follows them is not read."""
    source = _decoded(text, max_bytes)
    try:
        return list(islice(reader.documents(yaml.parse(source, Loader=_Loader)), most))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlInvalid(str(error.problem or error.context), mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise YamlInvalid("the text has characters that YAML does not allow") from error


def _only(documents: list[Any]) -> Any:
    if len(documents) > 1:
        raise YamlInvalid("expected one document, found more; remove the lines ---")
    return documents[0] if documents else None


def _decoded(text: str | bytes, max_bytes: int) -> str:
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise YamlTooLarge(f"the text has {size:,} bytes; at most {max_bytes:,} are accepted")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as error:
            raise YamlInvalid("the text is not UTF-8; save it as UTF-8") from error
    if "\0" in text:
        raise YamlInvalid("the text contains a NUL character; remove it", text.count("\n", 0, text.index("\0")) + 1)
    return text.removeprefix("\ufeff")


@dataclass(slots=True)
class _Anchored:
    value: Any
    nodes: int
    height: int


@dataclass(slots=True)
class _Reader:
    """Builds values from parser events and counts as it goes."""

    max_depth: int
    max_nodes: int
    max_aliases: int
    as_written: bool = False
    nodes: int = 0
    aliases: int = 0
    anchors: dict[str, _Anchored | None] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    """The line, from 0, on which each document begins."""

    def documents(self, events: Iterator[Any]) -> Iterator[Any]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.anchors.clear()
                self.starts.append(_line(event) - 1)
                yield self._value(next(events), events, 1)[0]

    def _count(self, nodes: int, event: Any) -> None:
        self.nodes += nodes
        if self.nodes > self.max_nodes:
            raise YamlTooLarge(f"more than {self.max_nodes:,} values, counting every use of an alias", _line(event))

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Any, int]:
        """The value and its height (levels below and including it)."""
        if depth > self.max_depth:
            raise YamlTooLarge(f"nested deeper than {self.max_depth} levels", _line(event))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None and event.tag != "!":
            raise YamlInvalid(f"the tag {event.tag[:60]} is not supported; write a plain value", _line(event))
        self._count(1, event)
        before = self.nodes
        if event.anchor:
            self.anchors[event.anchor] = None
        value: Any
        if isinstance(event, yaml.ScalarEvent):
            value, height = _scalar(event), 1
            if self.as_written and isinstance(value, (int, float)) and _usual(value) != event.value:
                value = Written(value, event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            value, height = self._sequence(events, depth)
        else:
            value, height = self._mapping(events, depth)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, self.nodes - before + 1, height)
        return value, height

    def _alias(self, event: Any, depth: int) -> tuple[Any, int]:
        self.aliases += 1
        if self.aliases > self.max_aliases:
            raise YamlTooLarge(f"more than {self.max_aliases:,} aliases", _line(event))
        if event.anchor not in self.anchors:
            raise YamlInvalid(f"there is no anchor &{event.anchor[:60]}", _line(event))
        found = self.anchors[event.anchor]
        if found is None:
            raise YamlInvalid(f"*{event.anchor[:60]} contains itself", _line(event))
        if depth + found.height - 1 > self.max_depth:
            raise YamlTooLarge(f"nested deeper than {self.max_depth} levels", _line(event))
        self._count(found.nodes, event)
        return found.value, found.height

    def _sequence(self, events: Iterator[Any], depth: int) -> tuple[list[Any], int]:
        items: list[Any] = []
        height = 1
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            value, below = self._value(event, events, depth + 1)
            items.append(value)
            height = max(height, below + 1)
        return items, height

    def _mapping(self, events: Iterator[Any], depth: int) -> tuple[dict[str, Any], int]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        height = 1
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlInvalid("a key must be text", _line(event))
            key = self._key(event)
            value, below = self._value(next(events), events, depth + 1)
            height = max(height, below + 1)
            if key == "<<" and not event.style:
                self._merge(value, merged, event)
            elif key in own:
                raise YamlDuplicateKey(f"the key {key[:60]!r} appears twice; keep one", _line(event))
            else:
                own[key] = value
        return merged | own if merged else own, height

    def _key(self, event: Any) -> str:
        if event.tag is not None and event.tag != "!":
            raise YamlInvalid(f"the tag {event.tag[:60]} is not supported; write a plain value", _line(event))
        key: str = event.value
        self._count(1, event)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(key, 1, 1)
        return key

    def _merge(self, value: Any, merged: dict[str, Any], event: Any) -> None:
        for source in value if isinstance(value, list) else [value]:
            if not isinstance(source, dict):
                raise YamlInvalid("<< needs a mapping, or a list of mappings", _line(event))
            self._count(len(source), event)
            for key, item in source.items():
                merged.setdefault(key, item)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style or event.tag == "!":
        return text
    try:
        value = plain_scalar(text)
    except ValueError as error:  # more digits than Python converts
        raise YamlTooLarge("the number has too many digits", _line(event)) from error
    if isinstance(value, float) and not math.isfinite(value):
        raise YamlTooLarge("the number is too large", _line(event))
    if isinstance(value, int) and not -MAX_INTEGER - 1 <= value <= MAX_INTEGER:
        raise YamlTooLarge("the number does not fit into 64 bits; put it in quotes if it is text", _line(event))
    return value


def _usual(value: float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
