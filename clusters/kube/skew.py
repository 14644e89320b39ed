"""How far the clock of a cluster is from ours: its objects and events are dated by its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from kubeorch.base import clock

NO_SKEW = timedelta(0)
TOLERATED = timedelta(seconds=3)
"""The header has whole seconds, and an answer takes a while."""
MOST = timedelta(days=366)
"""A clock that is further off says nothing about the dates of objects."""


def skew_of(at: datetime, date: str) -> timedelta:
    """What to add to our time for the cluster's, given an answer's Date header and when it came; 0 where they agree."""
    try:
        theirs = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return NO_SKEW
    skew = (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)) - at
    return skew if TOLERATED < abs(skew) < MOST else NO_SKEW


class ClusterClock:
    """The clock of a cluster, by its last answer; all clients with the same connections go by it."""

    def __init__(self) -> None:
        self._dated = (clock.now(), "")

    def hear(self, date: str) -> None:
        """An answer has come, with that Date header."""
        self._dated = (clock.now(), date)

    @property
    def skew(self) -> timedelta:
        return skew_of(*self._dated)

    def now(self) -> datetime:
        return clock.now() + self.skew
