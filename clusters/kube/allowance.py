"""What one request to an API server may still take: seconds and bytes in all, whatever the server sends meanwhile.

A time limit for each read never ends a request whose server sends a byte a second. So there is one deadline for the
whole of it (a free connection, the name, TCP, TLS, sending, head and body of the answer, waits that Retry-After asks
for), on the steady clock, and every wait of the request is a piece of what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from clusters.kube.errors import AnswerTooLarge, ClusterTimeout

Alive = Callable[[], None]
"""Asked while a request waits; whatever it raises ends the request at once and closes its connection."""

ASKED_EVERY_S = 0.25
"""How often `alive` is asked while nothing happens; a TCP connect and a TLS handshake are one wait each."""


class Allowance:
    """Of one request; used by the one thread that makes it."""

    __slots__ = ("_alive", "_bytes_left", "_most_bytes", "_until", "received")

    def __init__(self, total_s: float, most_bytes: int, *, alive: Alive | None = None) -> None:
        self._alive = alive
        self.received = 0
        """Bytes in all, however often they were granted anew."""
        self.grant(total_s, most_bytes)

    def grant(self, total_s: float, most_bytes: int) -> None:
        """Start anew, as a stream does with each of its lines."""
        self._until = time.monotonic() + total_s
        self.grant_bytes(most_bytes)

    def grant_bytes(self, most_bytes: int) -> None:
        """Start counting anew, as another attempt of the same request does."""
        self._most_bytes = self._bytes_left = most_bytes

    def extend(self, seconds: float) -> None:
        """Add time in which we, not the server, let the other wait."""
        self._until += seconds

    def left_s(self) -> float:
        """More than 0. Raises ClusterTimeout when nothing is left, and what `alive` raises."""
        if self._alive is not None:
            self._alive()
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise ClusterTimeout
        return left_s

    def slice_s(self) -> float:
        """How long to wait before looking again. Raises as `left_s`."""
        left_s = self.left_s()
        return left_s if self._alive is None else min(left_s, ASKED_EVERY_S)

    def take(self, count: int) -> None:
        """Count what was received. Raises AnswerTooLarge."""
        self.received += count
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise AnswerTooLarge(self._most_bytes)

    def sleep(self, seconds: float) -> None:
        """Wait, and raise as `left_s` meanwhile."""
        until = time.monotonic() + seconds
        while (left_s := until - time.monotonic()) > 0:
            time.sleep(min(left_s, self.slice_s()))
