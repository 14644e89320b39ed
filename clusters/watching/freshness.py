"""Since when what is stored of a cluster may be out of date: its API server is silent, or a watch is broken."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from kubeorch.base import clock as wall_clock

STALE_GRACE_S = 2.0
"""A watch that is opened again within this time missed nothing that anybody could notice."""
SILENT = "the cluster's API server does not answer"


class Freshness:
    """`stale_since` and `reason` are what was last stored and shown; None and "" while everything is current."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, now: Callable[[], datetime] = wall_clock.now
    ) -> None:
        self._clock = clock
        self._now = now
        self._answered_at = clock()
        self._silent_since: float | None = None
        self.stale_since: datetime | None = None
        self.reason = ""

    def probed(self, answered: bool) -> None:
        """The API server was asked. Beside the watches, this notices a network that is cut."""
        if answered:
            self._answered_at, self._silent_since = self._clock(), None
        else:
            self._silent_since = self._answered_at

    def measure(self, broken_since: float | None, why: str = "") -> tuple[datetime | None, str]:
        """What `stale_since` and `reason` should be, given since when (monotonic) a watch is broken, and why.

        An outage shorter than the grace period changes nothing yet.
        """
        moments = [
            (moment, reason)
            for moment, reason in ((self._silent_since, SILENT), (broken_since, why))
            if moment is not None
        ]
        if not moments:
            return None, ""
        began, reason = min(moments)
        outage_s = self._clock() - began
        if outage_s < STALE_GRACE_S or self.stale_since is not None:
            return self.stale_since, self.reason
        return self._now() - timedelta(seconds=outage_s), reason
