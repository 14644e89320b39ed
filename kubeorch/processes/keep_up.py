"""Keep programs running: notice which one ended or fell silent, and start it again, ever more patiently."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from kubeorch.base.backoff import Backoff
from kubeorch.processes import spawn

RESTART = Backoff(first_s=0.5, most_s=30.0)
STEADY_AFTER_S = 10.0
"""A program that ran this long was well: when it ends, it is started again at once."""
UNSTARTABLE_AGAIN_S = 5.0

Process = subprocess.Popen[bytes]


@dataclass(slots=True)
class Child:
    """A program of ours and how it fared."""

    name: str
    process: Process
    started_at: float
    ends: int = 0
    """In a row, each soon after its start."""
    due_at: float | None = None
    """When it is started again; None while it runs."""


class KeepUp:
    """The programs of one process. Used from one thread, which lives as long as they should."""

    def __init__(
        self,
        start: Callable[[str], Process | None],
        *,
        on_end: Callable[[Child, float], None],
        on_unstartable: Callable[[Child, OSError], None],
        is_silent: Callable[[Child], bool] = lambda _: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`start(name)` starts a program again; None puts it off until the next look, an OSError for a while.

        `on_end` hears of a program that ended and how many seconds it is waited; `on_unstartable` why it could not be
        started. `is_silent` says that a program which runs does nothing any more; it is killed, and so ends.
        """
        self.children: dict[str, Child] = {}
        self._start = start
        self._on_end = on_end
        self._on_unstartable = on_unstartable
        self._is_silent = is_silent
        self._clock = clock

    def add(self, name: str, process: Process) -> None:
        """Look after a program that was just started, from its first end on."""
        self.children[name] = Child(name, process, self._clock())

    @property
    def are_all_started(self) -> bool:
        """Whether none waits to be started again."""
        return all(child.due_at is None for child in self.children.values())

    def look(self) -> None:
        """Note what ended, and start what is due. Call it a few times a second."""
        for child in list(self.children.values()):
            now = self._clock()
            if child.due_at is not None:
                if now >= child.due_at:
                    self._start_again(child, now)
            elif child.process.poll() is not None:
                was_steady = now - child.started_at > STEADY_AFTER_S
                child.ends = 0 if was_steady else child.ends + 1
                pause_s = RESTART.delay_s(child.ends) if child.ends else 0.0
                child.due_at = now + pause_s
                self._on_end(child, pause_s)
            elif self._is_silent(child):
                spawn.kill(child.process)

    def _start_again(self, child: Child, now: float) -> None:
        try:
            process = self._start(child.name)
        except OSError as error:
            child.due_at = now + UNSTARTABLE_AGAIN_S
            self._on_unstartable(child, error)
            return
        if process is not None:
            child.process, child.started_at, child.due_at = process, now, None
