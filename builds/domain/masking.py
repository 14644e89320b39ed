"""Values that no log may show, and how they are found: as they are, in base64 at any place, and as in an address."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

LEAST = 6
"""A shorter value is not looked for: it would be found everywhere."""
HIDDEN = "***"


class Masks:
    """Hides values in texts: one search of the text for each form of each value."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: set[str] = set()
        for secret in secrets:
            for value in (secret, *secret.splitlines()):
                if len(value.strip()) >= LEAST:
                    forms |= set(_forms(value)) | set(_forms(value.strip()))
        self._forms = sorted(forms, key=len, reverse=True)

    def hide(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text


def _forms(value: str) -> Iterable[str]:
    yield value
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    data = value.encode()
    for before in range(3):
        # What stands in front of it in the same text shifts its bits: of each shift, the digits that are its alone.
        encoded = base64.b64encode(b"\0" * before + data).decode().rstrip("=")
        own = encoded[(before * 8 + 5) // 6 :]
        left_bits = (before * 8 + len(data) * 8) % 6
        own = own[:-1] if left_bits else own
        if len(own) >= LEAST:
            yield own
            yield own.replace("+", "-").replace("/", "_")
