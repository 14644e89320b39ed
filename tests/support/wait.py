"""Waiting for a condition with a deadline, instead of sleeping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 60.0
"""How long to wait for what must come. A wait ends as soon as its condition holds: only a failure lasts this long."""
LATE = 0.12
"""A look comes at most this share of a wait too late: long waits look less often, as looking is what they cost."""
LATEST_S = 0.2


def until(condition: Callable[[], T], *, timeout_s: float = PATIENCE_S, every_s: float = 0.02, what: str = "") -> T:
    """Call `condition` until it returns something true, and return that; first every `every_s`, then less often.

    Raises AssertionError naming `what` and the last value seen when `timeout_s` has passed.
    """
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - began
        if waited > timeout_s:
            raise AssertionError(f"not within {timeout_s} s: {what or condition}; last value: {value!r}")
        time.sleep(max(every_s, min(LATEST_S, LATE * waited)))


async def until_in_loop(condition: Callable[[], T], *, what: str = "") -> T:
    """As `until`, for what happens on the loop that asks."""
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() - began > PATIENCE_S:
            raise AssertionError(f"not within {PATIENCE_S} s: {what or condition}; last value: {value!r}")
        await asyncio.sleep(0.01)
