"""The value of what is not there."""

from __future__ import annotations

from typing import Any


class Absent(dict[Any, Any]):
    """No value here. There is one, ABSENT, so that `is` tells it from every real value.

    An empty dict at heart: it is false, loops over it do nothing, lookups in it give their fallback,
    all without a call into Python.
    """

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
