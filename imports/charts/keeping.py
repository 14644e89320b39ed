"""What a chart renders anew each time (passwords, certificates, times) is rendered once and kept.

Two renderings with the same values show what is random. A later rendering with other values takes over what the kept
one has there, so that changing a number of replicas changes no password. It is taken only into the object of the same
name, and only where all that surrounds it is the same: a password is better made anew than given to somebody else, and
what a value changes beside it must not be lost.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.charts.helm import Rendering
from imports.charts.lines import carried_line
from imports.charts.printed import Part
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump_all

MAX_BYTES = 12_000_000
MAX_VALUES = 500_000
_NAME = "metadata.name"
_FIELDS_MOST = 20
Leaf = tuple[str | int, ...]
Identity = tuple[str, str, str, str]
"""Template, kind, namespace and name."""


@dataclass(frozen=True, slots=True)
class Random:
    """An object with fields that differ each time; `anew` are those for which the kept value was not taken over."""

    kind: str
    name: str
    fields: tuple[str, ...]
    anew: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What an earlier rendering kept."""

    parts: tuple[Part, ...] = field(default=(), repr=False)
    random: tuple[Random, ...] = ()


NOTHING = Before()


def kept(rendering: Rendering, before: Before = NOTHING) -> tuple[list[Part], list[Random]]:
    """The parts to keep, and what in them is random."""
    if rendering.again is None:
        return list(rendering.parts), []
    others = _by_place(rendering.again)
    earlier = _Earlier(before)
    found: list[Part] = []
    random: list[Random] = []
    for place, part in _by_place(rendering.parts).items():
        other = others.get(place)
        if other is not None and other.text == part.text:
            found.append(part)
            continue
        settled, said = _settled(part, other, earlier)
        found.append(settled)
        random += said
    return found, random


def _by_place(parts: Sequence[Part]) -> dict[tuple[str, int], Part]:
    """Parts by template and number in it: of two renderings with the same values they are the same objects."""
    found: dict[tuple[str, int], Part] = {}
    counts: dict[str, int] = {}
    for part in parts:
        number = counts[part.source] = counts.get(part.source, -1) + 1
        found[part.source, number] = part
    return found


class _Earlier:
    """The objects of an earlier rendering, by name; those whose name itself is random, one after the other."""

    def __init__(self, before: Before) -> None:
        nameless = {(one.kind, one.name) for one in before.random if _NAME in one.fields}
        self._named: dict[Identity, Any] = {}
        self._nameless: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for part in before.parts:
            for document in _documents(part) or ():
                identity = _identity(part, document)
                if (identity[1], identity[3]) in nameless:
                    self._nameless[identity[:2]].append(document)
                else:
                    self._named[identity] = document

    def of(self, part: Part, document: Any, again: Any) -> Any:
        """None where there is none, or it is not known which one it is."""
        identity = _identity(part, document)
        if identity == _identity(part, again):
            return self._named.get(identity)
        left = self._nameless[identity[:2]]
        return left.pop(0) if len(left) == 1 else None


def _identity(part: Part, document: Any) -> Identity:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    named = metadata if isinstance(metadata, dict) else {}
    kind = document.get("kind") if isinstance(document, dict) else ""
    return part.source, str(kind), str(named.get("namespace") or ""), str(named.get("name") or "")


def _settled(part: Part, other: Part | None, earlier: _Earlier) -> tuple[Part, list[Random]]:
    documents = _documents(part)
    others = _documents(other) if other is not None else None
    if documents is None or others is None or len(others) != len(documents):
        return part, [Random(part.source, "", ())]
    random: list[Random] = []
    changed = False
    for one, again in zip(documents, others, strict=True):
        leaves = list(_differences(one, again, ()))
        if not leaves:
            continue
        before = earlier.of(part, one, again)
        anew = []
        for leaf in leaves if before is not None else ():
            if _take(one, again, before, leaf):
                changed = True
            else:
                anew.append(leaf)
        random.append(Random(*_kind_and_name(one, part), _shown(leaves), _shown(anew)))
    return (Part(part.source, dump_all(documents)) if changed else part), random


def _documents(part: Part) -> list[Any] | None:
    """The documents of a part; None where it is no YAML, which is said when it is read as objects."""
    try:
        return [_copied(one) for one in load_all_strict(part.text, max_bytes=MAX_BYTES, max_nodes=MAX_VALUES)]
    except InvalidInput:
        return None


def _copied(value: Any) -> Any:
    """A value of its own: aliases share theirs. What they stand for was counted while it was read."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _differences(one: Any, other: Any, path: Leaf) -> Iterator[Leaf]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _differences(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (item, again) in enumerate(zip(one, other, strict=True)):
            yield from _differences(item, again, (*path, at))
    elif one != other:
        yield path


def _take(document: Any, again: Any, before: Any, leaf: Leaf) -> bool:
    """Put what stood at that leaf before in its place, where it is that of the same thing."""
    if not leaf:
        return False
    is_secret = document.get("kind") == "Secret" and leaf[0] == "data"
    for at, step in enumerate(leaf[:-1]):
        if isinstance(step, int) and not _is_same(document, before, step, leaf[at + 1]):
            return False
        document, again, before = document[step], again[step], _below(before, step)
    step = leaf[-1]
    if isinstance(step, int):  # nothing says whose it is but its number
        return False
    now, value = document[step], _below(before, step)
    found = _carried(now, again[step], value, is_base64=is_secret)
    if found is None:
        return False
    document[step] = found
    return True


def _is_same(items: Any, before: Any, at: int, inside: str | int) -> bool:
    """Whether an item of a list is the one it was before, by all that it holds beside what is looked for in it."""
    one, other = items[at], _below(before, at)
    if not isinstance(one, dict) or not isinstance(other, dict) or len(items) != len(before):
        return False
    return {key: item for key, item in one.items() if key != inside} == {
        key: item for key, item in other.items() if key != inside
    }


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _carried(now: Any, again: Any, before: Any, *, is_base64: bool) -> Any:
    """The earlier value with what is not random as it is now; None where that cannot be told apart."""
    if not isinstance(now, str) or not isinstance(again, str) or not isinstance(before, str):
        is_plain = type(now) is type(again) is type(before) and isinstance(now, int | float)
        return before if is_plain else None
    if is_base64:
        texts = [_decoded(one) for one in (now, again, before)]
        if None not in texts:
            found = _carried(*texts, is_base64=False)
            return None if found is None else base64.b64encode(found.encode("latin-1")).decode()
    lines = [one.splitlines(keepends=True) for one in (now, again, before)]
    if len({len(one) for one in lines}) != 1:
        return None
    carried = [carried_line(*three) for three in zip(*lines, strict=True)]
    return None if None in carried else "".join(one for one in carried if one is not None)


def _decoded(text: str) -> Any:
    try:
        return base64.b64decode(text, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return None


def _kind_and_name(document: Any, part: Part) -> tuple[str, str]:
    _, kind, _, name = _identity(part, document)
    return kind or part.source, name


def _shown(leaves: Sequence[Leaf]) -> tuple[str, ...]:
    return tuple(".".join(map(str, leaf)) for leaf in leaves[:_FIELDS_MOST])
