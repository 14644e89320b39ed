"""Which object is looked at next: each once, oldest first, a few at a time. Safe to use from any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

AT_ONCE = 2
"""Objects of a cluster that are looked at together."""
A_SECOND = 5.0
BURST = 5.0
"""So many may be looked at at once after a pause."""
SAME_EVERY_S = 1.0
"""An object that changes all the time is looked at this often."""


class Suspects(Generic[K]):
    """Objects to look at, each with when its turn is due."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: dict[K, float] = {}
        self._busy: set[K] = set()
        self._looked_at: dict[K, float] = {}
        """When each was looked at last, of those for which that is less than SAME_EVERY_S ago."""
        self._left, self._left_at = BURST, clock()
        self._is_over = False

    def add(self, key: K, *, in_s: float = 0.0) -> None:
        """Have the object looked at; one that waits already keeps its place."""
        with self._changed:
            due = self._clock() + in_s
            self._due[key] = max(due, self._due.get(key, due)) if in_s else min(due, self._due.get(key, due))
            self._changed.notify_all()

    def take(self) -> K | None:
        """The next object whose turn has come, waited for; None once this is over. `done` gives it back."""
        with self._changed:
            while not self._is_over:
                now = self._clock()
                key, wait_s = self._next(now)
                if key is not None and wait_s <= 0:
                    del self._due[key]
                    self._busy.add(key)
                    return key
                self._changed.wait(wait_s if key is not None else None)
        return None

    def done(self, key: K) -> None:
        with self._changed:
            self._busy.discard(key)
            now = self._clock()
            self._looked_at = {one: at for one, at in self._looked_at.items() if now - at < SAME_EVERY_S}
            self._looked_at[key] = now
            self._changed.notify_all()

    def wait_for_request(self) -> bool:
        """Wait until one more request may go out; False once this is over."""
        with self._changed:
            while not self._is_over:
                now = self._clock()
                self._left, self._left_at = min(BURST, self._left + (now - self._left_at) * A_SECOND), now
                if self._left >= 1.0:
                    self._left -= 1.0
                    return True
                self._changed.wait((1.0 - self._left) / A_SECOND)
        return False

    def end(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def _next(self, now: float) -> tuple[K | None, float]:
        """(what comes next, in how many seconds)."""
        ready = [
            (max(due, self._looked_at.get(key, float("-inf")) + SAME_EVERY_S), due, key)
            for key, due in self._due.items()
            if key not in self._busy
        ]
        if not ready:
            return None, 0.0
        at, _, key = min(ready, key=lambda row: row[:2])
        return key, at - now
