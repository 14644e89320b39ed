"""Labels and annotations of a Secret that repeat its values, as text or base64.

Tools keep the whole object in one, as JSON, YAML or packed, and not always as it is now: kubectl, kapp, Rancher,
Banzai's operators.
Source: Rancher Wrangler, package `objectset`; kapp, `kapp.k14s.io/original`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from clusters.domain.reading import mapping

_MIN_TEXT = 4
_LABEL_MIN = 8
"""Characters of a value that is looked for in labels, which share short words with values by chance."""
_SEARCH_MOST = 20_000_000
"""Characters times texts, with COST for each of both. What is more is taken for a copy unread."""
_COST = 50
"""Characters that are read in the time in which a search begins."""
_PACKED = ("H4sI", "UEsDB", "KLUv/", "eyJ")
"""How gzip, zip, zstd and JSON begin in base64."""
_OBJECT = re.compile(r'(?m)^[ \t]*(?:data|stringData)[ \t]*:|"(?:data|stringData)\\*"')


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


def copies_of(secret: Mapping[str, Any]) -> dict[str, set[str]]:
    """The keys of its labels and of its annotations that repeat one of its values, by `labels` and `annotations`.
    Linear in the size of the object."""
    texts = texts_of(secret)
    metadata = mapping(secret.get("metadata"))
    return {
        "labels": copies_in(mapping(metadata.get("labels")), {one for one in texts if len(one) >= _LABEL_MIN}),
        "annotations": copies_in(mapping(metadata.get("annotations")), texts),
    }


def copies_in(rows: Mapping[str, Any], texts: Collection[str]) -> set[str]:
    """The keys of labels or annotations that repeat one of the texts."""
    left = _SEARCH_MOST
    found = set[str]()
    for key, value in rows.items():
        said = f"{key}\n{value}"
        left -= (len(said) + _COST) * len(texts)
        if left < 0 or is_whole(str(value)) or any(one in said for one in texts):
            found.add(key)
    return found


def is_copy(text: str, texts: Collection[str]) -> bool:
    """Whether a text repeats one of the others."""
    return bool(copies_in({text: ""}, texts))


def is_whole(text: str) -> bool:
    """Whether it looks like an object, or like something packed."""
    return text.startswith(_PACKED) or _OBJECT.search(text) is not None
