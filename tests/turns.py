"""Which suite is next, and whether the machine has room for one more. Standard library only."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import Generic, Protocol, TypeVar


class Needing(Protocol):
    """What waits for its turn."""

    @property
    def needs(self) -> frozenset[str]:
        """Names of programs."""


T = TypeVar("T", bound=Needing)


class Turns(Generic[T]):
    """What is left to do. Safe to share between threads."""

    def __init__(self, columns: Sequence[T]) -> None:
        self._left = list(columns)
        self._there: set[str] = set()
        self._changed = Condition()

    def next(self) -> T | None:
        """The first whose programs are there, waited for; None once nothing is left."""
        with self._changed:
            while self._left:
                found = self._take()
                if found is not None:
                    return found
                self._changed.wait()
            return None

    def ready(self) -> T | None:
        """The first whose programs are there now, if any."""
        with self._changed:
            return self._take()

    def prepared(self, *names: str) -> None:
        with self._changed:
            self._there.update(names)
            self._changed.notify_all()

    def wait_for(self, names: frozenset[str], timeout_s: float) -> None:
        """Until these programs are there, or it takes too long."""
        with self._changed:
            self._changed.wait_for(lambda: names <= self._there, timeout_s)

    def _take(self) -> T | None:
        found = next((one for one in self._left if one.needs <= self._there), None)
        if found is not None:
            self._left.remove(found)
        return found


@dataclass(frozen=True, slots=True)
class Use:
    """Of the processors, over a while."""

    at_s: float
    """By the monotonic clock, at its end."""
    share: float
    """0 to 1, of all cores, by whoever it was."""


class Cores:
    """What Linux counts of its processors; elsewhere nothing is known, and they pass for busy."""

    def __init__(self, proc: Path = Path("/proc")) -> None:
        self._proc = proc
        self._before = self._ticks()
        self.uses: list[Use] = []

    def look(self) -> Use:
        """How much they were used since the last look."""
        idle, total = self._ticks()
        idle_before, total_before = self._before
        self._before = idle, total
        passed = total - total_before
        found = Use(time.monotonic(), 1 - (idle - idle_before) / passed if passed > 0 else 1.0)
        self.uses.append(found)
        return found

    def free_bytes(self) -> int:
        """Memory that programs can still have."""
        try:
            found = re.search(r"MemAvailable:\s+(\d+) kB", (self._proc / "meminfo").read_text())
        except OSError:
            found = None
        return int(found[1]) * 1024 if found else 0

    def by_minute(self) -> list[float]:
        """Their mean use in each minute since the first look."""
        if not self.uses:
            return []
        began = self.uses[0].at_s
        minutes: dict[int, list[float]] = {}
        for use in self.uses:
            minutes.setdefault(int((use.at_s - began) // 60), []).append(use.share)
        return [sum(shares) / len(shares) for _, shares in sorted(minutes.items())]

    def _ticks(self) -> tuple[int, int]:
        """(idle, all), as it counts them. Source: proc(5), /proc/stat."""
        try:
            numbers = [int(one) for one in (self._proc / "stat").read_text().split("\n", 1)[0].split()[1:9]]
        except OSError:
            return 0, 0
        return numbers[3] + numbers[4], sum(numbers)
