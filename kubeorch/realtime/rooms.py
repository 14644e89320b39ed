"""How many of something there may be at once, by whom and by what they are counted."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping

from kubeorch.web.refusals import TooManyAttempts

Limits = Mapping[Hashable, tuple[int, str]]
"""Under what it is counted: the most, and what to say to somebody who wants one more."""


class Room:
    """Safe to share among threads. Places are taken before the work begins, so that many at once get no more."""

    def __init__(self) -> None:
        # Reentrant, and without a loop over what is taken: places are also given back by the garbage collector.
        self._lock = threading.RLock()
        self._taken: dict[Hashable, int] = {}

    def take(self, limits: Limits, *, retry_after_s: float = 30) -> Held:
        """One place under each. Raises TooManyAttempts where there is none, and takes none then."""
        with self._lock:
            for counted, (most, words) in limits.items():
                if self._taken.get(counted, 0) >= most:
                    raise TooManyAttempts(words, retry_after_s=retry_after_s)
            for counted in limits:
                self._taken[counted] = self._taken.get(counted, 0) + 1
        return Held(self, tuple(limits))

    def give_back(self, counted: tuple[Hashable, ...]) -> None:
        with self._lock:
            for one in counted:
                left = self._taken.pop(one) - 1
                if left > 0:
                    self._taken[one] = left


class Held:
    """Places that are taken, until they are given back; twice is as once."""

    def __init__(self, room: Room, counted: tuple[Hashable, ...]) -> None:
        self._room = room
        self._counted = counted

    def give_back(self) -> None:
        counted, self._counted = self._counted, ()
        if counted:
            self._room.give_back(counted)
