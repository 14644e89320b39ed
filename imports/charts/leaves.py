"""The values of an object that differ between two renderings, beside what stood at each before.

Whose a value is is told by the keys that lead to it, by the name of an item of a list, and else by all that an item
holds beside what is random in it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from imports.charts.lines import Pattern, pattern

ABSENT: Any = object()
Path = tuple[str | int, ...]
_ENCODED_LEAST = 24
"""Characters of a text that is read as base64 because it can be."""


@dataclass(slots=True, eq=False)
class Leaf:
    """A random value; `before` and `before_again` are those of the same thing in an earlier rendering."""

    holder: Any = field(repr=False)
    path: Path
    again: Any
    before: Any
    before_again: Any
    is_data: bool
    """Whether it is base64 in a Secret."""
    is_known: bool = True
    """Whether what stood there before was that of the same thing."""
    must_say: bool = False
    """Whether something beside the random part has to tell whose it is."""
    is_taken: bool = False
    """Whether something of it was taken over."""

    @property
    def was_there(self) -> bool:
        return self.before is not ABSENT

    @property
    def now(self) -> Any:
        return self.holder[self.path[-1]]

    def texts(self) -> Texts | None:
        """What it says, without base64; None where it is not a text or number, or its lines do not match."""
        sides: list[Any] = [self.now, self.again, self.before, self.before_again]
        made = type(sides[0])
        if type(sides[1]) is not made or made not in (str, int, float):
            return None
        is_encoded = self.is_data or (made is str and len(sides[0]) >= _ENCODED_LEAST)
        plain = [_plain(one) if isinstance(one, str) else ABSENT for one in sides] if is_encoded else sides
        if is_encoded := is_encoded and None not in plain[:2]:
            sides = plain
        found = pattern(str(sides[0]), str(sides[1]))
        if found is None:
            return None
        then = None
        kind = str if is_encoded else made
        if type(sides[2]) is kind:
            if type(sides[3]) is kind:
                then = pattern(str(sides[2]), str(sides[3]))
            elif sides[3] is ABSENT:
                then = found.found_in(str(sides[2]))
        return Texts(found, then, made, is_encoded)


@dataclass(frozen=True, slots=True)
class Texts:
    now: Pattern
    before: Pattern | None
    made: type
    is_encoded: bool

    def value(self, text: str) -> Any:
        """What stands for a text in the object; None where there is nothing, as of a word where a number is wanted."""
        try:
            if self.is_encoded:
                return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
            value = self.made(text)
        except ValueError:  # it names the text, which is a secret
            return None
        return value if str(value) == text else None


def _plain(text: str) -> str | None:
    """What is encoded in a text; bytes that are no text stay apart in it."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "surrogateescape")
    except (binascii.Error, ValueError):
        return None


def leaves_of(document: Any, again: Any, before: Any, before_again: Any) -> list[Leaf]:
    """`before` is ABSENT where there was no such object."""
    if not isinstance(document, dict) or not isinstance(again, dict):
        return []
    is_secret = document.get("kind") == "Secret"
    return list(_below((document, again, before, before_again), (), is_secret, by_name=True))


Sides = tuple[Any, Any, Any, Any]
"""Of now, of now once more, of before, of before once more."""


def _below(sides: Sides, path: Path, is_secret: bool, *, by_name: bool) -> Iterator[Leaf]:
    one, other = sides[:2]
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _step(one, tuple(_at(side, key) for side in sides), (*path, key), is_secret, by_name)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        yield from _items(sides, path, is_secret, by_name)


def _step(holder: Any, sides: Any, path: Path, is_secret: bool, by_name: bool) -> Iterator[Leaf]:
    one, other, before, before_again = sides
    if _is_like(one, other):
        yield from _below(sides, path, is_secret, by_name=by_name)
    elif one != other:
        yield Leaf(holder, path, other, before, before_again, is_secret and path[0] == "data")


def _is_like(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys()
    return isinstance(one, list) and isinstance(other, list) and len(one) == len(other)


def _items(sides: Sides, path: Path, is_secret: bool, by_name: bool) -> Iterator[Leaf]:
    """Of items with names each with its own; else those at the same place, if all beside the random values is the same.

    Within an item that is compared as a whole all is at its place, so each item is compared once.
    """
    one, other, before, before_again = sides
    places = _named(one) if by_name and _named(one) == _named(other) else None
    if places is not None:
        then, then_again = _named(before) or {}, _named(before_again) or {}
        for name, at in places.items():
            was = before[then[name]] if name in then else ABSENT
            was_again = before_again[then_again[name]] if name in then_again else ABSENT
            yield from _step(one, (one[at], other[at], was, was_again), (*path, at), is_secret, by_name=True)
        return
    is_alike = isinstance(before, list) and len(before) == len(one)
    for at, item in enumerate(one):
        found = list(_step(one, tuple(_at(side, at) for side in sides), (*path, at), is_secret, by_name=False))
        if found and by_name:
            known = is_alike and _is_same_but_random(item, other[at], before[at])
            for leaf in found:
                leaf.is_known = leaf.is_known and known
        for leaf in found:
            leaf.must_say = leaf.must_say or leaf.path == (*path, at)
            yield leaf


def _named(items: Any) -> dict[str, int] | None:
    """Where the item of each name is; None where not all have one of their own."""
    if not isinstance(items, list):
        return None
    names = {
        name: at for at, one in enumerate(items) if isinstance(one, dict) and isinstance(name := one.get("name"), str)
    }
    return names if len(names) == len(items) else None


def _at(side: Any, step: str | int) -> Any:
    if isinstance(side, dict):
        return side.get(step, ABSENT)
    if isinstance(side, list) and isinstance(step, int) and step < len(side):
        return side[step]
    return ABSENT


def _is_same_but_random(one: Any, other: Any, before: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return (
            isinstance(before, dict)
            and before.keys() == one.keys()
            and all(_is_same_but_random(one[key], other[key], before[key]) for key in one)
        )
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return (
            isinstance(before, list)
            and len(before) == len(one)
            and all(_is_same_but_random(*three) for three in zip(one, other, before, strict=True))
        )
    return bool(one != other or one == before)
