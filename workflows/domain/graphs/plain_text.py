"""Values in which nothing unsafe is, known at once."""

from __future__ import annotations

from typing import Any

import orjson

from kubeorch.base.values import MAX_NESTING
from workflows.domain.kinds.parameter_fill import MAX_TEXT


def plain_text(value: Any) -> bytes | None:
    """The value as JSON if that shows at once that `unsafe_values` would find nothing, else None.

    Ten times as quick, because orjson walks the value. It writes NaN as null, and refuses what is not text.
    """
    try:
        text = orjson.dumps(value, option=orjson.OPT_STRICT_INTEGER)
    except orjson.JSONEncodeError:
        return None
    shallow = text.count(b"{") + text.count(b"[") <= MAX_NESTING
    is_plain = b"null" not in text and b'"$' not in text and b'"":' not in text and b"\\u0000" not in text
    return text if shallow and is_plain and len(text) <= MAX_TEXT else None
