"""Kinds of values of a Compose file: what may be written, and what the model says for it.

`check` looks at a value as it was written or in the long syntax, `final` makes of the long syntax what Compose prints:
numbers and units in one form, and nothing for what says only what holds anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Protocol

from imports.domain.compose.tree import Fate, Node, Path, Reading, dotted
from imports.domain.problems import ImportInvalid
from kubeorch.base.records import record

_NAMES = {"null": "nothing", "object": "a mapping", "array": "a list", "string": "text", "integer": "a whole number",
          "number": "a number", "boolean": "true or false"}  # fmt: skip


def json_type(value: Any) -> str:
    """The type as JSON Schema names it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
        case _:
            return "array"


def wrong_type(node: Node, path: Path, wanted: Iterable[str]) -> ImportInvalid:
    """The refusal of a value of another type."""
    names = " or ".join(_NAMES[name] for name in wanted if name != "null")
    found = _NAMES[json_type(node.value)]
    return ImportInvalid(f"{dotted(path)} must be {names}, and is {found}", node.place, code="import.type")


class Kind(Protocol):
    """A kind of values."""

    def check(self, node: Node, path: Path) -> None:
        """Raises ImportInvalid where the value is not of this kind."""

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        """What the model says for it; None where it says nothing."""

    def absent(self, owner: Node) -> Node | None:
        """What the model says where nothing is written."""


class Plain:
    """Says nothing where nothing is written."""

    def absent(self, owner: Node) -> Node | None:
        return None


def kept(value: Any) -> Any:
    """A value as it is."""
    return value


@record
class Scalar(Plain):
    """A scalar of one of the types, which `make` turns into what is printed (ValueError says what is wrong)."""

    types: tuple[str, ...]
    make: Callable[[Any], Any] = kept
    zero: Any = None
    """The value that is not printed."""
    choices: tuple[str, ...] = ()
    pattern: str = ""
    low: int | None = None
    high: int | None = None
    """Bounds of a number that is not written as text."""

    def check(self, node: Node, path: Path) -> None:
        value = node.value
        found = json_type(value)
        as_other = (found == "integer" and "number" in self.types) or (
            found == "number" and "integer" in self.types and float(value).is_integer()
        )
        if found not in self.types and not as_other:
            raise wrong_type(node, path, self.types)
        if isinstance(value, str):
            if self.choices and value not in self.choices:
                allowed = ", ".join(self.choices)
                raise ImportInvalid(f"{dotted(path)} is {value[:60]!r}; write one of {allowed}", node.place)
            if self.pattern and not re.search(self.pattern, value):
                raise ImportInvalid(f"{dotted(path)} is {value[:60]!r}, which Compose does not know", node.place)
        elif self.low is not None and isinstance(value, (int, float)) and value < self.low:
            raise ImportInvalid(f"{dotted(path)} must be {self.low} or more", node.place)
        elif self.high is not None and isinstance(value, (int, float)) and value > self.high:
            raise ImportInvalid(f"{dotted(path)} must be {self.high} or less", node.place)

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        if node.value is None:
            return None
        try:
            node.value = self.make(node.value)
        except (ValueError, OverflowError) as error:
            raise ImportInvalid(f"{dotted(path)}: {error}", node.place, code="import.value") from error
        return None if self.zero is not None and node.value == self.zero else node


@record
class Items(Plain):
    """A list; `single` accepts one item without its list."""

    item: Kind
    unique: bool = False
    single: bool = False
    keep_empty: bool = False

    def check(self, node: Node, path: Path) -> None:
        if not isinstance(node.value, list):
            if not self.single or not isinstance(node.value, str):
                raise wrong_type(node, path, ("string", "array") if self.single else ("array",))
            self.item.check(node, path)
            return
        for at, item in enumerate(node.value):
            self.item.check(item, (*path, at))
        if self.unique:
            check_unique(node, path)

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        if node.value is None:
            return None
        if not isinstance(node.value, list):
            node.value = [Node(node.value, node.place)]
        items = [self.item.final(item, (*path, at), reading) for at, item in enumerate(node.value)]
        node.value = [item or Node("", node.place) for item in items]
        return node if node.value or self.keep_empty else None


def check_unique(node: Node, path: Path) -> None:
    """Raises ImportInvalid where a list has an item twice."""
    seen: dict[Any, int] = {}
    for at, item in enumerate(node.value):
        key = _comparable(item.plain())
        if key in seen:
            raise ImportInvalid(f"{dotted((*path, at))} is the same as {dotted((*path, seen[key]))}", item.place)
        seen[key] = at


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return frozenset((key, _comparable(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(_comparable, value))
    return (type(value) is bool, value)


@record
class Map(Plain):
    """A mapping whose keys the person chooses."""

    item: Kind
    keys: str = ""
    """Names must match it, where it is not empty."""
    empty: bool = False
    """It is printed where it is empty."""

    def check(self, node: Node, path: Path) -> None:
        if not isinstance(node.value, dict):
            raise wrong_type(node, path, ("object",))
        for key, item in node.value.items():
            if self.keys and not re.fullmatch(self.keys, key):
                raise ImportInvalid(
                    f"{dotted(path)}: the name {key[:60]!r} may have letters, digits and ._- only", item.where
                )
            self.item.check(item, (*path, key))

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        if node.value is None:
            return None
        made = {key: (item, self.item.final(item, (*path, key), reading)) for key, item in node.value.items()}
        node.value = {key: new or Node(None, item.place, item.key) for key, (item, new) in made.items()}
        return node if node.value or self.empty else None


@record
class Struct(Plain):
    """A mapping with fields of its own names."""

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()
    nullable: bool = False
    extensions: bool = True
    """Fields with names that begin with `x-` may be added."""
    open: bool = False
    """Other fields are allowed, and mean nothing."""
    always: bool = False
    """It is printed where it is not written."""

    def check(self, node: Node, path: Path) -> None:
        if node.value is None and self.nullable:
            return
        if not isinstance(node.value, dict):
            raise wrong_type(node, path, ("object",))
        for key, item in node.value.items():
            kind = self.fields.get(key)
            if kind:
                kind.check(item, (*path, key))
            elif not self.open and not (self.extensions and key.startswith("x-")):
                near = get_close_matches(key[:60], self.fields, 1)
                hint = f"; did you mean {near[0]!r}?" if near else "; remove it, or begin its name with x-"
                raise ImportInvalid(
                    f"{dotted(path) or 'the file'} has an unknown key {key[:60]!r}{hint}",
                    item.where,
                    code="import.unknown_key",
                )
        for key in self.required:
            if key not in node.value:
                raise ImportInvalid(f"{dotted(path)} needs {key!r}", node.where, code="import.missing")

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        if node.value is None:
            return self.absent(node)
        written = node.value
        made: dict[str, Node] = {}
        for key, kind in self.fields.items():
            item = written.get(key)
            new = kind.final(item, (*path, key), reading) if item else kind.absent(node)
            if new is not None:
                made[key] = new
            elif item:
                reading.lost((*path, key), item, item.where, Fate.DEFAULT)
        for key, item in written.items():
            if key.startswith("x-"):
                made[key] = item
            elif key not in self.fields:
                reading.lost((*path, key), item, item.where, Fate.IGNORED)
        node.value = made
        return node

    def absent(self, owner: Node) -> Node | None:
        if not self.always:
            return None
        made = ((key, kind.absent(owner)) for key, kind in self.fields.items())
        return Node({key: item for key, item in made if item}, owner.place, owner.where)


@record
class Either(Plain):
    """One of two forms by the type of what is written; `final` is that of the long one."""

    short: Kind
    types: tuple[str, ...]
    """Types of the short form."""
    long: Kind

    def check(self, node: Node, path: Path) -> None:
        (self.short if json_type(node.value) in self.types else self.long).check(node, path)

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        return self.long.final(node, path, reading)

    def absent(self, owner: Node) -> Node | None:
        return self.long.absent(owner)


@record
class Made:
    """A kind whose final form a function of its own makes; `always_null` prints null where nothing is written."""

    written: Kind
    make: Callable[[Node, Path, Reading], Node | None]
    always_null: bool = False

    def check(self, node: Node, path: Path) -> None:
        self.written.check(node, path)

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        try:
            return self.make(node, path, reading)
        except ValueError as error:
            raise ImportInvalid(f"{dotted(path)}: {error}", node.place, code="import.value") from error

    def absent(self, owner: Node) -> Node | None:
        return Node(None, owner.place, owner.where) if self.always_null else None


@record
class Ignored(Plain):
    """It may be written, and Compose carries it no further."""

    written: Kind

    def check(self, node: Node, path: Path) -> None:
        self.written.check(node, path)

    def final(self, node: Node, path: Path, reading: Reading) -> Node | None:
        return None
