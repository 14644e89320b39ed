"""Documents as JSON, the same in answers and in events: ids as text, times in UTC with milliseconds and a Z."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from bson import ObjectId

from kubeorch.base.clock import iso

OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def dumps(value: Any) -> bytes:
    """The JSON text. Raises TypeError for what has none."""
    return orjson.dumps(value, default=_plain, option=OPTIONS)


def jsonable(value: Any) -> Any:
    """The value in JSON's types, as a client will read it."""
    return orjson.loads(dumps(value))


def _plain(value: Any) -> Any:
    if isinstance(value, ObjectId):
        return str(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
