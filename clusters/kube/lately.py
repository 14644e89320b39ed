"""Answers of one API server that may be some seconds old, kept by who asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 200
"""Answers of one API server; where there would be more, the oldest one goes."""


class Lately:
    """Shared by all clients of one API server in this process. The key of an answer has to name who asks."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def answer(self, key: Hashable, age_s: float, ask: Callable[[], T]) -> T:
        """An answer that was asked for at most `age_s` seconds ago, or a new one. Raises what `ask` raises.

        Its age counts from before it was asked for, and two who ask at the same time both ask.
        """
        began = time.monotonic()
        with self._lock:
            kept = self._answers.get(key)
        if kept is not None and began - kept[0] < age_s:
            return kept[1]
        found = ask()
        with self._lock:
            self._answers.pop(key, None)
            self._answers[key] = (began, found)
            while len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]
        return found

    def forget(self, key: Hashable) -> None:
        with self._lock:
            self._answers.pop(key, None)
