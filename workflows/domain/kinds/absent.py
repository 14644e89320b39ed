"""The value that stands for no value in templates."""

from __future__ import annotations

from typing import Any


class Absent(dict[Any, Any]):
    """No value. The only instance is ABSENT, so `is` distinguishes it from every real value.

    It is an empty dict: false, with nothing to loop over, and lookups in it give their fallback, all
    without a call of a Python function.
    """

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()
