"""When a token ends, and how near that is."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Literal

Expiry = Literal["none", "later", "soon", "urgent", "over"]
SOON_DAYS = 14
URGENT_DAYS = 3
_DAY_S = 86_400


def days_left(expires_at: datetime, at: datetime) -> int:
    """Whole days that are left; 0 in the last one, below 0 once it is over."""
    return math.floor((expires_at - at).total_seconds() / _DAY_S)


def expiry_of(expires_at: datetime | None, at: datetime) -> Expiry:
    """`none` where no end is known."""
    if expires_at is None:
        return "none"
    if expires_at <= at:
        return "over"
    left = days_left(expires_at, at)
    return "urgent" if left < URGENT_DAYS else "soon" if left < SOON_DAYS else "later"


def near_of(expires_at: datetime | None, at: datetime) -> dict[str, int | Expiry | None]:
    """As answers show it."""
    days = None if expires_at is None else days_left(expires_at, at)
    return {"expires_in_days": days, "expiry": expiry_of(expires_at, at)}
