"""Signs of life: a process that is halted, or whose loop hangs, has not ended, and yet does nothing.

Each role touches a file of its own every second; what only answers is asked, and `heard` is called for it. Whoever
looks after them compares what it saw last. Nothing is expected of a process before its first sign, so that a slow
start is no silence, nor when the listener itself was halted, as a laptop that slept.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

EVERY_S = 1.0
SILENCE_S = 30.0
"""Without a sign for this long, a process is taken for halted."""
GAP_S = 5.0
"""A listener that has not looked for this long was halted itself."""


def beat(path: Path) -> None:
    """Give a sign of life. A disk that is full or cannot be written is no reason to end."""
    with contextlib.suppress(OSError):
        path.touch()


def beat_always(path: Path) -> None:
    """Give one every second from a thread of its own, for as long as this process runs."""

    def run() -> None:
        while True:
            beat(path)
            time.sleep(EVERY_S)

    threading.Thread(target=run, name="pulse", daemon=True).start()


class Pulses:
    """The signs of life of several processes, by name. All but `heard` is called from one thread."""

    def __init__(
        self, folder: Path, *, silence_s: float = SILENCE_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._silence_s = silence_s
        self._clock = clock
        self._looked_at = clock()
        self._stamps: dict[str, int] = {}
        self._heard_at: dict[str, float] = {}

    def path_of(self, name: str) -> Path:
        """The file that the process of this name touches."""
        return self._folder / f"{name}.pulse"

    def begin(self, name: str) -> None:
        """The process was just started: nothing is expected of it yet."""
        self._heard_at.pop(name, None)
        self._stamps[name] = self._stamp(name)

    def heard(self, name: str) -> None:
        """The process answered."""
        self._heard_at[name] = self._clock()

    def look(self) -> None:
        """See who gave a sign. Call it a few times a second."""
        now = self._clock()
        if now - self._looked_at > GAP_S:
            self._heard_at = dict.fromkeys(self._heard_at, now)
        self._looked_at = now
        for name, known in self._stamps.items():
            stamp = self._stamp(name)
            if stamp != known:
                self._stamps[name] = stamp
                self.heard(name)

    def is_silent(self, name: str) -> bool:
        """Whether the process has given signs, and none for too long."""
        heard_at = self._heard_at.get(name)
        return heard_at is not None and self._clock() - heard_at > self._silence_s

    def _stamp(self, name: str) -> int:
        try:
            return self.path_of(name).stat().st_mtime_ns
        except OSError:
            return 0
