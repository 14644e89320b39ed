"""What a chart renders anew each time (passwords, certificates, times) is rendered once and kept.

Two renderings with the same values show what is random. A later rendering with other values takes over what the kept
one has there, so that changing a number of replicas changes no password. It is taken only into the object of the same
name, for what is the same thing there: a password is better made anew than given to somebody else, and what a value
changes beside it must not be lost. Halves of one thing go together: see `imports.charts.together`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.charts.helm import Rendering
from imports.charts.leaves import ABSENT, Leaf, leaves_of
from imports.charts.printed import Part
from imports.charts.together import settle
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump_all

MAX_BYTES = 12_000_000
MAX_VALUES = 500_000
_NAME = "metadata.name"
_FIELDS_MOST = 20
_NONE: tuple[Any, Any] = (ABSENT, ABSENT)
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


def kept(
    rendering: Rendering, before: Before = NOTHING, *, check: Callable[[], None] = lambda: None
) -> tuple[list[Part], list[Random]]:
    """The parts to keep, and what in them is random. Raises what `check` raises."""
    if rendering.again is None:
        return list(rendering.parts), []
    others = _by_place(rendering.again)
    earlier = _Earlier(before)
    found: list[Part | _Differing] = []
    for place, part in _by_place(rendering.parts).items():
        check()
        other = others.get(place)
        found.append(part if other is not None and other.text == part.text else _differing(part, other, earlier))
    objects = [one for part in found if isinstance(part, _Differing) for one in part.objects]
    lost = settle([(one.kind, one.leaves) for one in objects], check)
    random: list[Random] = []
    for one in found:
        if isinstance(one, _Differing):
            random += one.random(lost)
    return [one.settled() if isinstance(one, _Differing) else one for one in found], random


def _by_place(parts: Sequence[Part]) -> dict[tuple[str, int], Part]:
    """Parts by template and number in it: of two renderings with the same values they are the same objects."""
    found: dict[tuple[str, int], Part] = {}
    counts: dict[str, int] = {}
    for part in parts:
        number = counts[part.source] = counts.get(part.source, -1) + 1
        found[part.source, number] = part
    return found


class _Earlier:
    """The objects of an earlier rendering, by name, with those of another one like it where that was kept; those whose
    name itself is random, one after the other."""

    def __init__(self, before: Before) -> None:
        nameless = {(one.kind, one.name) for one in before.random if _NAME in one.fields}
        self._named: dict[Identity, tuple[Any, Any]] = {}
        self._nameless: dict[tuple[str, str], list[tuple[Any, Any]]] = defaultdict(list)
        is_old = bool(before.random) and not any(part.again for part in before.parts)
        for part in before.parts:
            documents = _documents(part.text) or []
            again = _documents(part.again) if part.again else documents
            for number, document in enumerate(documents):
                is_like = again is not None and len(again) == len(documents) and not is_old
                other = again[number] if again is not None and is_like else ABSENT
                identity = _identity(part, document)
                if (identity[1], identity[3]) in nameless:
                    self._nameless[identity[:2]].append((document, other))
                else:
                    self._named[identity] = document, other

    def of(self, part: Part, document: Any, again: Any) -> tuple[Any, Any]:
        """ABSENT where there is none, or it is not known which one it is."""
        identity = _identity(part, document)
        if identity == _identity(part, again):
            return self._named.get(identity, _NONE)
        left = self._nameless[identity[:2]]
        return left.pop(0) if len(left) == 1 else _NONE


def _identity(part: Part, document: Any) -> Identity:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    named = metadata if isinstance(metadata, dict) else {}
    kind = document.get("kind") if isinstance(document, dict) else ""
    return part.source, str(kind), str(named.get("namespace") or ""), str(named.get("name") or "")


@dataclass(frozen=True, slots=True)
class _Object:
    kind: str
    name: str
    leaves: list[Leaf]


@dataclass(frozen=True, slots=True)
class _Differing:
    """A part that differs between both renderings; without documents where it cannot be told how."""

    part: Part
    again: str
    documents: list[Any]
    objects: list[_Object]

    def random(self, lost: Collection[Leaf]) -> list[Random]:
        if not self.documents:
            return [Random(self.part.source, "", ())]
        return [
            Random(one.kind, one.name, _shown(one.leaves), _shown([leaf for leaf in one.leaves if leaf in lost]))
            for one in self.objects
        ]

    def settled(self) -> Part:
        """After values were taken over into the documents."""
        is_changed = any(leaf.is_taken for one in self.objects for leaf in one.leaves)
        text = dump_all(self.documents) if is_changed else self.part.text
        return Part(self.part.source, text, self.again)


def _differing(part: Part, other: Part | None, earlier: _Earlier) -> _Differing:
    documents = _documents(part.text)
    others = _documents(other.text) if other is not None else None
    if documents is None or other is None or others is None or len(others) != len(documents):
        return _Differing(part, "", [], [])
    objects = []
    for one, again in zip(documents, others, strict=True):
        leaves = leaves_of(one, again, *earlier.of(part, one, again))
        if leaves:
            objects.append(_Object(*_kind_and_name(one, part), leaves))
    return _Differing(part, other.text, documents, objects)


def _documents(text: str) -> list[Any] | None:
    """The documents of a part; None where it is no YAML, which is said when it is read as objects."""
    try:
        return [_copied(one) for one in load_all_strict(text, max_bytes=MAX_BYTES, max_nodes=MAX_VALUES)]
    except InvalidInput:
        return None


def _copied(value: Any) -> Any:
    """A value of its own: aliases share theirs. What they stand for was counted while it was read."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _kind_and_name(document: Any, part: Part) -> tuple[str, str]:
    _, kind, _, name = _identity(part, document)
    return kind or part.source, name


def _shown(leaves: Sequence[Leaf]) -> tuple[str, ...]:
    return tuple(".".join(map(str, leaf.path)) for leaf in leaves[:_FIELDS_MOST])
