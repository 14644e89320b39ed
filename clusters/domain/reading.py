"""Reading parts of a manifest without trusting its shape: what has the wrong type reads as absent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

SHARED_LIMIT = 4096
T = TypeVar("T")
_known: dict[Any, Any] = {}


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings in a list; whatever else stands in it is left out."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def interned(value: Any) -> str:
    """A text that repeats in many objects, kept in memory once."""
    return sys.intern(value) if isinstance(value, str) else ""


def shared(value: T) -> T:
    """One object for equal values, so that what is alike costs memory once; the most recent ones are known."""
    found = _known.get(value)
    if found is not None:
        return found  # type: ignore[no-any-return]
    if len(_known) >= SHARED_LIMIT:
        _known.clear()
    _known[value] = value
    return value


def number(value: Any) -> int | None:
    """A number of at most 64 bits, which is what Kubernetes has and what the database can hold; None for the rest."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    return value if is_number else None


def integer(value: Any, absent: int = 0) -> int:
    """As `number`, with `absent` in the place of what is none."""
    found = number(value)
    return absent if found is None else found


def generation(value: Any) -> int | None:
    """A generation of an object, which some controllers (Argo Rollouts) write as decimal text; None for the rest."""
    is_text = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 18
    return int(value) if is_text else number(value)


def moment(value: str) -> datetime | None:
    """A Kubernetes time, in UTC where it names no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
