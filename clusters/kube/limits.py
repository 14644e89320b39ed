"""How long an API server may take, and how much it may answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an API server may take, and how much it may answer."""

    connect_s: float = 5.0
    answer_s: float = 30.0
    """For the whole of a request, from the wait for a free connection to the last byte, however often it is tried."""
    question_s: float = 8.0
    """The same while a person waits for the answer."""
    list_s: float = 60.0
    """For all pages of a list."""
    retry_after_s: float = 10.0
    """The longest wait an API server may ask for with Retry-After."""
    answer_bytes: int = 16 * 1024 * 1024


LIMITS = Limits()
