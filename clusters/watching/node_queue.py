"""Nodes to record, now or later. Safe to use from any thread."""

from __future__ import annotations

import heapq
import math
import threading
import time
from collections.abc import Callable, Iterable

from clusters.watching.contract import NodeKey


class NodeQueue:
    """Each marked node once, in the order of marking."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._now: dict[NodeKey, None] = {}
        self._later: list[tuple[float, NodeKey]] = []
        self._due: dict[NodeKey, float] = {}

    def mark(self, keys: Iterable[NodeKey]) -> None:
        with self._lock:
            self._now.update(dict.fromkeys(keys))

    def mark_later(self, key: NodeKey, in_s: float) -> None:
        """A node that is due before that is not marked again: whoever looks at it then says what comes after."""
        with self._lock:
            at = self._clock() + in_s
            if at < self._due.get(key, math.inf):
                self._due[key] = at
                heapq.heappush(self._later, (at, key))

    def take(self) -> list[NodeKey]:
        """All nodes that are due, which are then no longer marked."""
        with self._lock:
            moment = self._clock()
            while self._later and self._later[0][0] <= moment:
                at, key = heapq.heappop(self._later)
                if self._due.get(key) == at:  # no earlier one has taken its place
                    del self._due[key]
                    self._now[key] = None
            due, self._now = list(self._now), {}
            return due

    def due_in_s(self, at_most: float) -> float:
        """How long until the next node that was marked for later is due."""
        with self._lock:
            if not self._later:
                return at_most
            return max(0.0, min(at_most, self._later[0][0] - self._clock()))
