"""How long to wait before trying again: one policy for every loop that retries."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Delays that start at `first_s` and grow by `factor` with each attempt, up to `most_s`.

    With `jitter` a delay is drawn evenly from d to d · (1 + jitter), so that many who failed together
    do not return together; the longest delay is then most_s · (1 + jitter). client-go counts it the same way.

    A value without state: the caller counts its attempts, and starts at 1 again after a success.
    """

    first_s: float
    most_s: float
    factor: float = 2.0
    jitter: float = 0.0

    def delay_s(self, attempt: int, dice: Callable[[], float] = random.random) -> float:
        """Seconds to wait after failed attempt number `attempt`, counted from 1. `dice` gives 0 up to 1."""
        # Past 64 doublings every policy is at most_s; a float would overflow at 1024.
        grown_s = self.first_s * self.factor ** min(max(attempt, 1) - 1, 64)
        return min(grown_s, self.most_s) * (1 + self.jitter * dice())
