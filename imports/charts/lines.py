"""Texts that differ each time they are rendered take their random parts over from what they were before.

A text is read line by line, a certificate or key as one piece. Two renderings with the same values show what of a line
is random and what is not, in whole words: what is not is always as it is now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imports.charts.times import Form, Time, between, times_in

_CHANCE = 4
"""Characters at an end of two random texts that are the same by chance."""
_WORD = re.compile(r"[A-Za-z0-9]+|[^A-Za-z0-9]")
_BEGIN, _END = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,60})-----"), re.compile(r"-----END ([A-Z0-9 ]{1,60})-----")


@dataclass(frozen=True, slots=True)
class Piece:
    """A random part of a text, in both renderings; `form` is that of a time, or the label of a certificate or key."""

    one: str
    other: str
    """"" where only one is known."""
    form: Form = ()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text: what is fixed, with a random piece after each but the last."""

    fixed: tuple[str, ...]
    random: tuple[Piece, ...]

    def filled(self, pieces: Sequence[str]) -> str:
        return "".join(part for pair in zip(self.fixed, (*pieces, ""), strict=True) for part in pair)

    def found_in(self, text: str) -> Pattern | None:
        """A text of which there is one rendering alone, as the same words with another random piece."""
        start, end = self.fixed[0], self.fixed[-1]
        if len(self.random) != 1 or not (text.startswith(start) and text.endswith(end)):
            return None
        inner = text[len(start) : len(text) - len(end)]
        return Pattern(self.fixed, (Piece(inner, ""),)) if len(text) > len(start) + len(end) else None

    def fits(self, before: Pattern) -> bool:
        """Whether the random pieces of an earlier text are those of this one."""
        pairs = zip(self.random, before.random, strict=False)
        return len(self.random) == len(before.random) and all(_is_same(one, then) for one, then in pairs)


def pattern(one: str, other: str) -> Pattern | None:
    """What is random in a text of which there are two renderings; None where their lines do not match."""
    units, others = list(_units(one)), list(_units(other))
    if len(units) != len(others):
        return None
    fixed, random = [""], list[Piece]()
    for unit, again in zip(units, others, strict=True):
        for text, piece in _of_line(unit, again):
            fixed[-1] += text
            if piece is not None:
                random.append(piece)
                fixed.append("")
    return Pattern(tuple(fixed), tuple(random))


def substituted(now: Pattern, earlier: Mapping[str, str]) -> tuple[str, bool]:
    """The text with the random pieces whose earlier ones are known; whether that is all of them."""
    found = [earlier.get(one.one) for one in now.random]
    pieces = [one.one if then is None else then for one, then in zip(now.random, found, strict=True)]
    return now.filled(pieces), None not in found


def blocks(text: str) -> list[str]:
    """The certificates and keys in a text."""
    return [unit for unit in _units(text) if _label(unit)]


def _units(text: str) -> Iterator[str]:
    """Lines, and of a certificate or key all of its lines together."""
    held: list[str] = []
    for line in text.splitlines(keepends=True):
        if held and _BEGIN.search(line):
            yield from held
            held = []
        if not held and not _BEGIN.search(line):
            yield line
            continue
        held.append(line)
        if _END.search(line):
            yield "".join(held)
            held = []
    yield from held


def _label(unit: str) -> str:
    """What a certificate or key calls itself; "" for a plain line."""
    found, end = _BEGIN.search(unit), _END.search(unit)
    return found[1] if found is not None and end is not None else ""


def _of_line(one: str, other: str) -> Iterator[tuple[str, Piece | None]]:
    """Fixed texts, each with the random piece that follows it."""
    if one == other:
        yield one, None
    elif (label := _label(one)) and label == _label(other):
        start, end = one.index("-----BEGIN"), one.rindex("-----") + 5
        from_, to = other.index("-----BEGIN"), other.rindex("-----") + 5
        yield one[:start], Piece(one[start:end], other[from_:to], ("pem", label))
        yield one[end:], None
    else:
        yield from _of_times(one, other)


def _of_times(one: str, other: str) -> Iterator[tuple[str, Piece | None]]:
    """A time that differs is random as a whole, though it begins alike."""
    times, others = times_in(one), times_in(other)
    at = _differing(one, other, times, others)
    own, again = [times[index] for index in at], [others[index] for index in at]
    gaps = zip(between(one, own), between(other, again), strict=True)
    for number, (gap, other_gap) in enumerate(gaps):
        yield from _of_words(gap, other_gap)
        if number < len(own):
            now, then = own[number], again[number]
            yield "", Piece(one[now.start : now.end], other[then.start : then.end], now.form)


def _differing(now: str, again: str, times: list[Time], others: list[Time]) -> list[int]:
    """Which of the times of both are another moment of the same clock."""
    if [one.form for one in times] != [one.form for one in others]:
        return []
    pairs = enumerate(zip(times, others, strict=True))
    return [
        at
        for at, (one, other) in pairs
        if one.is_near(other) and now[one.start : one.end] != again[other.start : other.end]
    ]


def _of_words(one: str, other: str) -> Iterator[tuple[str, Piece | None]]:
    """Word by word where both have the same signs between them, else all from the first difference to the last."""
    words, others = _WORD.findall(one), _WORD.findall(other)
    if len(words) == len(others) and all(a == b or (_is_word(a) and _is_word(b)) for a, b in _pairs(words, others)):
        for a, b in _pairs(words, others):
            yield (a, None) if a == b else ("", Piece(a, b))
        return
    start = _same(words, others)
    end = _same(words[start:][::-1], others[start:][::-1])
    inner, again = words[start : len(words) - end], others[start : len(others) - end]
    yield "".join(words[:start]), Piece("".join(inner), "".join(again))
    yield "".join(words[len(words) - end :]), None


def _pairs(words: list[str], others: list[str]) -> Iterator[tuple[str, str]]:
    return zip(words, others, strict=True)


def _is_word(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _is_same(now: Piece, before: Piece) -> bool:
    """Whether both may come from the same words of a template: of one form and length, and what is not random in them
    alike. Numbers and certificates have any length."""
    if now.form or before.form or not before.other:
        return now.form == before.form or not before.other
    both = [(len(one.one), len(one.other)) for one in (now, before) if _is_word(one.one) and not one.one.isdigit()]
    if len(both) == 2 and both[0] != both[1] and all(one == other for one, other in both):
        return False
    return _is_chance(_start(now), _start(before)) and _is_chance(_start(now, -1), _start(before, -1))


def _start(piece: Piece, step: int = 1) -> str:
    one, other = piece.one[::step], piece.other[::step]
    return one[: _same(one, other)]


def _is_chance(one: str, other: str) -> bool:
    return (one.startswith(other) or other.startswith(one)) and abs(len(one) - len(other)) < _CHANCE
