"""Values of fields as drift stores them: as JSON, shortened where they are long, and as digests.

Whatever a cluster has is taken: what is nested deeper than JSON is written here is told by a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from kubeorch.base.digests import content_digest

VALUE_BYTES = 2000
"""Of a stored value, as JSON; of a longer one its beginning is kept."""
TOO_DEEP = "(nested too deep to be shown)"


def json_text(value: Any) -> str:
    """The value as it is stored and shown: of a long one its beginning, as a text."""
    try:
        written = orjson.dumps(value)
    except orjson.JSONEncodeError:
        written = orjson.dumps(TOO_DEEP)
    if len(written) <= VALUE_BYTES:
        return written.decode()
    start = value if isinstance(value, str) else written.decode()
    return orjson.dumps(f"{start[: VALUE_BYTES // 4]}… ({len(written)} bytes)").decode()


def digest_of(value: Any) -> str:
    try:
        return content_digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    except orjson.JSONEncodeError:
        return content_digest(b"\0".join(_parts(value)))


def _parts(value: Any) -> list[bytes]:
    """All that tells the value from another one, however deep it is nested."""
    parts: list[bytes] = []
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            parts.append(b"{%d" % len(one))
            for key in sorted(one):
                left += [one[key], str(key)]
        elif isinstance(one, list):
            parts.append(b"[%d" % len(one))
            left += one
        else:
            parts.append(repr(one).encode(errors="replace"))
    return parts
