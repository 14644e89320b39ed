"""How many may do something at once: by what it is about, by whose it is, and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition
from typing import NamedTuple

WAIT_S = 1.0


class Limit(NamedTuple):
    counted: Hashable
    most: int
    otherwise: str
    """What is said to those for whom no place is free."""


class Places:
    """Places under several limits at once: who waits for one holds none of the others. Safe to share among threads."""

    def __init__(self, busy: Callable[[str], Exception]) -> None:
        """`busy` makes the error of a limit's words."""
        self._busy = busy
        self._changed = Condition()
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def held(self, wanted: Sequence[Limit]) -> Iterator[None]:
        """Raises what `busy` makes when one of the limits is reached for WAIT_S."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._full(wanted) is None, WAIT_S):
                raise self._busy(self._full(wanted) or wanted[-1].otherwise)
            self._taken.update(limit.counted for limit in wanted)
        try:
            yield
        finally:
            with self._changed:
                self._taken.subtract(limit.counted for limit in wanted)
                self._taken += Counter()  # forgets who holds nothing
                self._changed.notify_all()

    def _full(self, wanted: Sequence[Limit]) -> str | None:
        return next((limit.otherwise for limit in wanted if self._taken[limit.counted] >= limit.most), None)
