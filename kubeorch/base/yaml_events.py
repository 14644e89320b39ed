"""Events of untrusted YAML, and the bounds of whoever builds values from them.

PyYAML's own loaders let merge keys and aliases grow without end. A reader here takes the parser's events, asks
`Bounds` before it goes deeper or takes an alias, and counts every value, aliases with all that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import draft, field
from kubeorch.base.yaml_words import first_no_character, why_not_yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlInvalid(InvalidInput):
    """The text is not YAML we accept. `line` and `column` count from 1; line 0 when the whole text is meant."""

    code = "yaml.invalid"

    def __init__(self, why: str, line: int = 0, column: int = 1) -> None:
        super().__init__(f"line {line}: {why}" if line else why)
        self.why = why
        self.line = line
        self.column = column


class YamlTooLarge(YamlInvalid):
    """A limit was exceeded: bytes, documents, depth, nodes after expansion, or aliases."""

    code = "yaml.too_large"


class YamlDuplicateKey(YamlInvalid):
    """A mapping has a key twice."""

    code = "yaml.duplicate_key"


def decoded(text: str | bytes, max_bytes: int) -> str:
    """The text without a byte order mark. Raises YamlInvalid where it is too long, not UTF-8, or has NUL in it."""
    size = len(text) if isinstance(text, bytes) else len(text.encode("utf-8", "surrogatepass"))
    if size > max_bytes:
        raise YamlTooLarge(f"the text has {size:,} bytes; at most {max_bytes:,} are accepted")
    if isinstance(text, bytes):
        if text.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise YamlInvalid("the text is UTF-16; save it as UTF-8")
        written = text
        try:
            text = written.decode("utf-8")
        except UnicodeDecodeError as error:
            line = written.count(b"\n", 0, error.start) + 1
            raise YamlInvalid("the text is not UTF-8; save it as UTF-8", line) from error
    if "\0" in text:
        raise YamlInvalid("the text contains a NUL character; remove it", text.count("\n", 0, text.index("\0")) + 1)
    return text.removeprefix("\ufeff")


def events(source: str) -> Iterator[Any]:
    """The parser's events. Raises YamlInvalid, with the place, where the text is not YAML."""
    try:
        yield from yaml.parse(source, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise YamlInvalid(*why_not_yaml(error, source)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise YamlInvalid(*first_no_character(source)) from error


def line_of(event: Any) -> int:
    """The line of an event, from 1."""
    return int(event.start_mark.line) + 1


@draft
class Anchored:
    """What an alias stands for: the value, how many values that is, and how many levels."""

    value: Any
    nodes: int
    height: int


@draft
class Bounds:
    """What a reader may still take, and the anchors of the document that it reads."""

    max_depth: int = 64
    max_nodes: int = 100_000
    max_aliases: int = 1_000
    nodes: int = 0
    aliases: int = 0
    anchors: dict[str, Anchored | None] = field(default_factory=dict)
    """None while the value of the anchor is being read."""

    def enter(self, depth: int, event: Any) -> None:
        """A value at this depth begins, from 1. Raises YamlTooLarge where it is too deep."""
        if depth > self.max_depth:
            raise YamlTooLarge(f"nested deeper than {self.max_depth} levels", line_of(event))

    def count(self, nodes: int, event: Any) -> None:
        """So many values more. Raises YamlTooLarge where they are too many."""
        self.nodes += nodes
        if self.nodes > self.max_nodes:
            raise YamlTooLarge(f"more than {self.max_nodes:,} values, counting every use of an alias", line_of(event))

    def alias(self, event: Any, depth: int) -> Anchored:
        """What the alias stands for, counted. Raises YamlInvalid where there is none, or it contains itself."""
        self.aliases += 1
        if self.aliases > self.max_aliases:
            raise YamlTooLarge(f"more than {self.max_aliases:,} aliases", line_of(event))
        if event.anchor not in self.anchors:
            raise YamlInvalid(f"there is no anchor &{event.anchor[:60]}", line_of(event))
        found = self.anchors[event.anchor]
        if found is None:
            raise YamlInvalid(f"*{event.anchor[:60]} contains itself", line_of(event))
        self.enter(depth + found.height - 1, event)
        self.count(found.nodes, event)
        return found
