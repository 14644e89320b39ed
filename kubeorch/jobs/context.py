"""What a handler sees of its job: the payload, the lease it holds, and the ways to end early."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Never

from kubeorch.jobs import queue
from kubeorch.jobs.queue import Job, LeaseLost

VERIFIED_FOR_S = 0.1
"""An answer of the database about the lease holds this long for all threads of a job, and never longer than the lease
that it told of: until that ends nobody else gets the job. Also how long a cancellation may go unnoticed."""


class Snooze(Exception):
    """A handler asks to be called again later."""

    def __init__(self, delay_s: float, then: Callable[[], None] | None) -> None:
        super().__init__(delay_s)
        self.delay_s = delay_s
        self.then = then


class WorkerStopping(Exception):
    """The worker is ending: the job goes back to the queue as it is."""


class JobContext:
    """A handler's view of its job. Its methods may be called from any thread of the handler."""

    def __init__(self, job: Job, wants_stop: Callable[[], bool], claimed_at: float) -> None:
        """`claimed_at`: `clock_s()` before the claim was sent. `wants_stop` asks whether the worker is ending."""
        self.job = job
        self.payload = job.payload
        self.fence = job.fence
        self.attempt = job.attempt
        self.cancel_requested = False
        self.lease_ends_at = claimed_at + job.lease_s
        """On this machine's steady clock, never later than on the server's."""
        self._wants_stop = wants_stop
        self.is_lost = False
        self._verified_until = 0.0
        self._verifying = threading.Lock()

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt >= self.job.max_attempts

    def check_alive(self) -> None:
        """Raise LeaseLost if the lease has ended by this machine's clock, WorkerStopping if the worker is ending.

        It asks nobody, so call it before every side effect.
        """
        if self.is_lost or clock_s() >= self.lease_ends_at:
            raise LeaseLost(str(self.job.id))
        if self._wants_stop():
            raise WorkerStopping

    def check_lease(self, *, anew: bool = False) -> None:
        """Raise LeaseLost unless the database confirmed our lease within the last VERIFIED_FOR_S seconds, or `anew`.

        Refreshes `cancel_requested`. Raises WorkerStopping as `check_alive` does.
        """
        self.check_alive()
        if not anew and clock_s() < self._verified_until:
            return
        with self._verifying:
            started = clock_s()
            if not anew and started < self._verified_until:
                return
            try:
                self.cancel_requested, left_s = queue.verify(self.job)
            except LeaseLost:
                self.is_lost = True
                raise
            self._verified_until = started + min(VERIFIED_FOR_S, left_s)
        self.check_alive()

    def snooze(self, delay_s: float, *, then: Callable[[], None] | None = None) -> Never:
        """End this call and be called again after `delay_s`; `then` runs once the job is queued again.

        `then` may check whether what the job waits for has happened meanwhile, and `queue.wake` it.
        """
        raise Snooze(delay_s, then)

    def heartbeat(self) -> None:
        started = clock_s()
        try:
            if queue.heartbeat(self.job):
                self.cancel_requested = True
        except LeaseLost:
            self.is_lost = True
            raise
        self.lease_ends_at = started + self.job.lease_s


def clock_s() -> float:
    """Steady seconds that also count while the machine sleeps or the process is stopped."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
