"""What an element of `managedFields` says after its mark, `k:` or `v:`: the keys of an item of a list, or its value.

Objects of a kind name the same items (`k:{"name":"http"}`), and an item is looked for once for every field below it, so
what is short is read once.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

KEPT_MOST = 4_096
KEPT_CHARACTERS = 256
"""Of a text that is kept. A value of a list may be long."""


def value_of(element: str) -> Any:
    """The JSON after the mark. It may be given to others, too: do not change it. Raises ValueError, RecursionError."""
    return _kept(element) if len(element) <= KEPT_CHARACTERS else json.loads(element[2:])


def is_item(element: str) -> bool:
    """Whether it names an item of a list as the API server does: by keys, or by a value."""
    return _kept_is_item(element) if len(element) <= KEPT_CHARACTERS else _is_item(element)


@lru_cache(KEPT_MOST)
def _kept(element: str) -> Any:
    return json.loads(element[2:])


def _is_item(element: str) -> bool:
    mark = element[:2]
    if mark not in ("k:", "v:"):
        return False
    try:
        found = json.loads(element[2:])
    except (ValueError, RecursionError):
        return False
    if mark == "v:":
        return True
    return isinstance(found, dict) and bool(found) and not any(isinstance(one, dict | list) for one in found.values())


_kept_is_item = lru_cache(KEPT_MOST)(_is_item)
