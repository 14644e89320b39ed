"""How a reflector spends its time: every figure of its loop, and the delays between attempts."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from kubeorch.base.backoff import Backoff

RETRY = Backoff(first_s=0.8, most_s=30.0, jitter=1.0)
"""Source: client-go, tools/cache/reflector.go."""
LOOK = Backoff(first_s=0.25, most_s=10.0)
"""For a kind that the API server does not serve: it is looked for soon after it has gone, then less often."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Every figure of the loop, so that tests can turn a day into a second."""

    retry: Backoff = RETRY
    retry_reset_s: float = 120.0
    """After so long without a failure, the next one is the first again."""
    look: Backoff = LOOK
    look_reset_s: float = 60.0
    """As `retry_reset_s`, so that one that comes and goes all the time is looked for less often as well."""
    refused_s: float = 30.0
    """Until the next attempt at what the credentials do not allow, or what does not exist."""
    server_timeout_s: int = 300
    """Asked of the server, at random up to twice this."""
    read_slack_s: float = 30.0
    """How much later a watch is ended here, when the server did not."""
    silence_s: float = 100.0
    """Once a server is seen to send bookmarks (every minute), silence longer than this is a dead connection."""
    expires_again_s: float = 30.0
    """A version that expires so soon after another one is listed anew only after a delay."""
    too_much_s: float = 300.0
    """Until a kind is listed again of which the cluster has, or sends, more than is kept."""
    list_s: float = 120.0
    """For all pages of a list."""
    initial_s: float = 60.0
    """A streaming list must have ended by then, or the server does not support it."""
    short_watch_s: float = 1.0
    """A watch that ends sooner, without an event, is followed by a delay."""


USUAL = Timing()


class Retries:
    """The delays of one loop: longer with each failure, from the start again after a healthy while."""

    def __init__(
        self,
        policy: Backoff,
        reset_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._policy = policy
        self._reset_s = reset_s
        self._clock = clock
        self._dice = dice
        self._attempt = 0
        self._failed_at = float("-inf")

    def next_delay_s(self) -> float:
        """Seconds to wait after a failure that happened now."""
        moment = self._clock()
        self._attempt = 1 if moment - self._failed_at > self._reset_s else self._attempt + 1
        self._failed_at = moment
        return self._policy.delay_s(self._attempt, self._dice)
