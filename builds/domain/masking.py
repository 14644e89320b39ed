"""Values that no log may show, and how they are found: as they are, and as what programs print of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

LEAST = 6
"""A shorter value is not looked for: it would be found everywhere."""
LINES_MOST = 1_000
"""Lines of values that are looked for in every form; of more, those over LINE_LEAST are looked for as they are."""
LINE_LEAST = 16
COLUMNS = (64, 76)
"""Where programs break base64: openssl and base64."""
HIDDEN = "***"


class Masks:
    """Hides values in texts. A text is walked once, however many forms there are: its next letters say which could
    begin here.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        self._forms = {form for form in _forms_of(list(secrets)) if len(form.strip()) >= LEAST}
        lengths: dict[str, set[int]] = {}
        for form in self._forms:
            lengths.setdefault(form[:LEAST], set()).add(len(form))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}

    def hide(self, text: str) -> str:
        shown: list[str] = []
        start = end = 0
        for first, last in self._places(text):
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
        # What stands in front of it in the same text shifts its bits: of each shift, the digits that are its alone.
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        left_bits = (before * 8 + len(data) * 8) % 6
        first, last = (before * 8 + 5) // 6, len(encoded) - bool(left_bits)
        yield encoded[first:last]
        yield encoded[first:last].replace("+", "-").replace("/", "_")
        for columns in COLUMNS:
            yield from (encoded[max(at, first) : min(at + columns, last)] for at in range(0, len(encoded), columns))
