"""Labels and annotations of a Secret that repeat its values, as text or base64.

Tools keep the whole object in one, as JSON or compressed: kubectl, kapp, Rancher, Banzai's operators.
Source: Rancher Wrangler, package `objectset`; kapp, `kapp.k14s.io/original`.
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

_MIN_TEXT = 4
_MAX_SEARCH = 20_000_000
"""Characters times texts. What is more is taken for a copy unread."""


def texts_of(secret: Mapping[str, Any]) -> set[str]:
    """What values of a Secret may look like: as written, and as base64 or text."""
    found: set[str] = set()
    for holder in ("data", "stringData"):
        rows = secret.get(holder)
        for value in rows.values() if isinstance(rows, Mapping) else ():
            if not isinstance(value, str):
                continue
            found.add("".join(value.split()) if holder == "data" else value)
            if holder == "data":
                with suppress(ValueError):  # what is not base64 is refused where the values are read
                    found.add(base64.b64decode("".join(value.split()), validate=True).decode())
            else:
                found.add(base64.b64encode(value.encode("utf-8", "surrogatepass")).decode())
    return {text.strip() for text in found if len(text.strip()) >= _MIN_TEXT}


def copies_in(rows: Mapping[str, Any], texts: Collection[str]) -> set[str]:
    """The keys of labels or annotations that repeat one of the texts."""
    return {key for key, text in rows.items() if is_copy(str(text), texts) or is_copy(key, texts)}


def is_copy(text: str, texts: Collection[str]) -> bool:
    if text.startswith("H4sI") or '"data"' in text or "stringData" in text:  # gzip in base64, or the object
        return True
    return len(text) * len(texts) > _MAX_SEARCH or any(one in text for one in texts)
