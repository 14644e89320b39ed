"""What a chart renders anew each time (passwords, certificates, times) is rendered once and kept.

Two renderings with the same values show what is random. A later rendering with other values takes over what the kept
one has in those places, so that changing a number of replicas changes no password.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from imports.charts.helm import Rendering
from imports.charts.printed import Part
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump_all

MAX_BYTES = 12_000_000
MAX_VALUES = 500_000
Leaf = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Random:
    """An object with fields that differ each time."""

    kind: str
    name: str
    fields: tuple[str, ...]


def kept(rendering: Rendering, before: Sequence[Part] = ()) -> tuple[list[Part], list[Random]]:
    """The parts to keep, and what in them is random. `before` are those kept of an earlier rendering."""
    if rendering.again is None:
        return list(rendering.parts), []
    others = _by_place(rendering.again)
    earlier = _by_place(before)
    found: list[Part] = []
    random: list[Random] = []
    for place, part in _by_place(rendering.parts).items():
        other = others.get(place)
        if other is not None and other.text == part.text:
            found.append(part)
            continue
        settled, said = _settled(part, other, earlier.get(place))
        found.append(settled)
        random += said
    return found, random


def _by_place(parts: Sequence[Part]) -> dict[tuple[str, int], Part]:
    """Parts by template and number in it, since a random name is no key."""
    found: dict[tuple[str, int], Part] = {}
    counts: dict[str, int] = {}
    for part in parts:
        number = counts[part.source] = counts.get(part.source, -1) + 1
        found[part.source, number] = part
    return found


def _settled(part: Part, other: Part | None, earlier: Part | None) -> tuple[Part, list[Random]]:
    documents = _documents(part)
    others = _documents(other) if other is not None else None
    before = _documents(earlier) if earlier is not None else None
    if documents is None or others is None or len(others) != len(documents):
        return part, [Random(part.source, "", ())]
    random: list[Random] = []
    changed = False
    for at, (one, again) in enumerate(zip(documents, others, strict=True)):
        leaves = list(_differences(one, again, ()))
        if not leaves:
            continue
        if before is not None and len(before) == len(documents):
            for leaf in leaves:
                changed |= _take(one, before[at], leaf)
        random.append(_said(one, leaves, part))
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


def _take(document: Any, before: Any, leaf: Leaf) -> bool:
    """Put what stood at that leaf before in its place, where it stood there."""
    if not leaf:
        return False
    for step in leaf[:-1]:
        document, before = document[step], _below(before, step)
    value = _below(before, leaf[-1])
    if value is None or isinstance(value, dict | list):
        return False
    document[leaf[-1]] = value
    return True


def _below(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None


def _said(document: Any, leaves: Sequence[Leaf], part: Part) -> Random:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    kind = document.get("kind") if isinstance(document, dict) else None
    return Random(str(kind or part.source), str(name or ""), tuple(".".join(map(str, leaf)) for leaf in leaves[:20]))
