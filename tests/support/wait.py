"""Waiting for a condition with a deadline, instead of sleeping."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_S = 60.0
"""How long to wait for what must come. A wait ends as soon as its condition holds: only a failure lasts this long."""


def until(condition: Callable[[], T], *, timeout_s: float = PATIENCE_S, every_s: float = 0.02, what: str = "") -> T:
    """Call `condition` until it returns something true, and return that.

    Raises AssertionError naming `what` and the last value seen when `timeout_s` has passed.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout_s} s: {what or condition}; last value: {value!r}")
        time.sleep(every_s)
