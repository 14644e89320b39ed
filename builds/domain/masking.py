"""Values that no log may show, and how they are found: as they are, and as what programs print of them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import islice
from urllib.parse import quote, quote_plus

LEAST = 6
"""A shorter value is not looked for: it would be found everywhere."""
LINES_MOST = 1_000
"""Lines of values that are looked for in every form; of more, those over LINE_LEAST are looked for as they are."""
LINE_LEAST = 16
PIECE = 16
"""Of base64: programs break it into lines at any place of a value that stands in a longer text, and each line is four
letters for three bytes from its beginning."""
PIECES_MOST = 200_000
"""Of all values; of more, the ends of their base64 alone are looked for."""
_BASE64 = re.compile(rf"[A-Za-z0-9+/_-]{{{PIECE},}}")
HIDDEN = "***"


class Masks:
    """Hides values in texts. A text is walked once, however many forms there are: its next letters say which could
    begin here.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        values = list(secrets)
        self._pieces = set(islice(_pieces_of(values), PIECES_MOST))
        self._forms = {form for form in _forms_of(values) if len(form.strip()) >= LEAST}
        lengths: dict[str, set[int]] = {}
        for form in self._forms:
            lengths.setdefault(form[:LEAST], set()).add(len(form))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def hide(self, text: str) -> str:
        shown: list[str] = []
        start = end = 0
        places = self._places(text)
        pieces = list(self._places_of_pieces(text))
        for first, last in merge(places, pieces) if pieces else places:
            if not end or first > end:
                shown += [text[start:end] and HIDDEN, text[end:first]]
                start = first
            end = max(end, last)
        return "".join([*shown, text[start:end] and HIDDEN, text[end:]])

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the longest form that begins at a place begins and ends, in order; they may overlap."""
        lengths, forms = self._lengths, self._forms
        if not lengths:
            return
        for place in range(len(text) - LEAST + 1):
            for length in lengths.get(text[place : place + LEAST], ()):
                if text[place : place + length] in forms:
                    yield place, place + length
                    break

    def _places_of_pieces(self, text: str) -> Iterator[tuple[int, int]]:
        """Where pieces of base64 begin and end, in order; they may overlap."""
        if not self._pieces:
            return
        for run in _BASE64.finditer(text):
            for place in range(run.start(), run.end() - PIECE + 1):
                if text[place : place + PIECE] in self._pieces:
                    yield place, place + PIECE


def _pieces_of(secrets: list[str]) -> Iterator[str]:
    for secret in secrets:
        data = secret.encode()
        for before in range(3):
            encoded, first, last = _shifted(data, before)
            for text in {encoded, encoded.replace("+", "-").replace("/", "_")}:
                starts = range(-(-first // 4) * 4, last - PIECE + 1, 4)
                yield from (text[at : at + PIECE] for at in starts)


def _forms_of(secrets: list[str]) -> Iterator[str]:
    lines = {line for secret in secrets for line in _lines(secret)} - set(secrets)
    for secret in secrets:
        for value in {secret, secret.strip()}:
            if len(value.strip()) >= LEAST:
                yield from _forms(value)
    if len(lines) > LINES_MOST:
        yield from (line for line in lines if len(line) > LINE_LEAST)
        return
    for line in lines:
        yield from _forms(line)


def _lines(secret: str) -> Iterator[str]:
    """Also of a value whose lines end in the letters `\\n`, as a key does that was put on one line."""
    for text in {secret, secret.replace("\\r", "").replace("\\n", "\n")}:
        for line in text.splitlines():
            yield from (one for one in {line, line.strip()} if len(one.strip()) >= LEAST)


def _forms(value: str) -> Iterator[str]:
    data = value.encode()
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield data.hex()
    yield data.hex().upper()
    for before in range(3):
        encoded, first, last = _shifted(data, before)
        for text in (encoded[first:last], encoded[first:last].replace("+", "-").replace("/", "_")):
            yield text
            # A line may begin or end inside of it.
            yield from (text[-length:] for length in range(LEAST, min(PIECE + 4, len(text))))
            yield from (text[:length] for length in range(LEAST, min(PIECE + 4, len(text))))


def _shifted(data: bytes, before: int) -> tuple[str, int, int]:
    """base64 of a value with so many bytes before it, which shift its bits; and from where to where the letters are its
    alone."""
    encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
    left_bits = (before * 8 + len(data) * 8) % 6
    return encoded, (before * 8 + 5) // 6, len(encoded) - bool(left_bits)
