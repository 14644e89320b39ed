"""The local engine as a process of its own: it waits until somebody wants to build, then gets BuildKit and runs it.

It tells by a file how far it is (`place.Status`). Registries that the daemon does not know of yet make it start anew as
soon as nobody has an order at it.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from builds.engines.local.bounds import StepBounds, bounds_of
from builds.engines.local.daemon import Daemon
from builds.engines.local.place import Place, Reached, Status, Trust, digest_of, digest_of_reached
from builds.engines.local.programs import BUILDKIT, PROGRAMS, surroundings
from kubeorch.base.backoff import Backoff
from kubeorch.processes import lock
from kubeorch.processes.saying import say
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Phase, Progress

LOOK_EVERY_S = 0.3
RETRY_FAILED_AFTER_S = 60.0
OWN_ADDRESSES_EVERY = 100
"""Looks between two at the addresses of this machine."""
RESTART = Backoff(first_s=0.5, most_s=30.0)


def run(place: Place, stopping: threading.Event, *, environ: Mapping[str, str] = os.environ) -> None:
    """The engine in `place` until `stopping`. The daemon ends with the calling thread."""
    place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    while not place.wanted.exists():
        if stopping.wait(LOOK_EVERY_S):
            return
    while not stopping.is_set():
        try:
            with lock.hold(place.lock):
                _run_alone(place, stopping, environ)
        except lock.AlreadyHeld:  # as of `manage.py build`, which ends: then it is our turn
            stopping.wait(LOOK_EVERY_S)


def _run_alone(place: Place, stopping: threading.Event, environ: Mapping[str, str]) -> None:
    """The status is that of whoever holds the lock, and goes with it."""
    try:
        place.status.unlink(missing_ok=True)
        _Runner(place, stopping, environ).run()
    finally:
        place.status.unlink(missing_ok=True)


class _Runner:
    def __init__(self, place: Place, stopping: threading.Event, environ: Mapping[str, str]) -> None:
        self._place = place
        self._stopping = stopping
        self._environ = environ
        self._programs: Mapping[str, Path] = {}
        self._ends = 0

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_once()
                self._ends = 0
            except NoProgram as error:
                self._ends += 1
                self._tell(Progress(Phase.FAILED, 0, 0, error.message, error.reason))
                self._stopping.wait(RETRY_FAILED_AFTER_S if not self._programs else RESTART.delay_s(self._ends))

    def _run_once(self) -> None:
        """One life of the daemon. Raises NoProgram."""
        around, missing = surroundings(self._environ)
        if around is None:
            raise NoProgram("images cannot be built on this machine", "it needs " + "; ".join(missing))
        self._programs = obtain(PROGRAMS, report=self._tell, environ=self._environ, stopping=self._stopping)
        if self._stopping.is_set():
            return
        self._tell(Progress(Phase.STARTING, 0, 0, "starting BuildKit"))
        with contextlib.ExitStack() as stack:
            bounds = bounds_of(self._place, around, self._environ, self._stopping, stack)
            trusts, reached = self._place.told(), self._place.reached()
            bounds.allow(reached)
            daemon = Daemon(self._place, self._programs, around, bounds.network, bounds.limits)
            stack.callback(daemon.stop)
            daemon.start(trusts, self._stopping)
            self._write_ready(bounds, trusts, reached)
            self._watch(daemon, bounds, digest_of(trusts), reached)

    def _watch(self, daemon: Daemon, bounds: StepBounds, told: str, reached: list[Reached]) -> None:
        """Until it has to be started anew. Raises NoProgram."""
        looked = 0
        while not self._stopping.wait(LOOK_EVERY_S):
            if daemon.process is not None and daemon.process.poll() is not None:
                raise NoProgram("BuildKit has ended", f"its log is {self._place.log}")
            looked += 1
            bounds.look(is_long_ago=looked % OWN_ADDRESSES_EVERY == 0)
            if (now_reached := self._place.reached()) != reached:
                bounds.allow(reached := now_reached)
                self._write_ready(bounds, self._place.told(), reached, told=told)
            if digest_of(self._place.told()) != told:
                with nobody_builds(self._place) as is_idle:
                    if is_idle:
                        # Before the lock is let go of: whoever comes next waits for the new one.
                        self._tell(Progress(Phase.STARTING, 0, 0, "starting BuildKit with another registry"))
                        daemon.stop()
                        return

    def _write_ready(
        self, bounds: StepBounds, trusts: Mapping[str, Trust], reached: list[Reached], *, told: str = ""
    ) -> None:
        network = bounds.network
        self._write(
            Status(
                Phase.READY,
                f"BuildKit {BUILDKIT} runs",
                trusted=told or digest_of(trusts),
                version=BUILDKIT,
                programs={name: str(path) for name, path in self._programs.items()},
                reached=digest_of_reached(reached),
                entry=network.entry if network is not None else (),
                shares=bounds.shares,
                bounds=bounds.limits.words(),
                step_bytes=bounds.limits.step_bytes,
            )
        )

    def _tell(self, progress: Progress) -> None:
        say(f"builds: {progress.line()}")
        programs = {name: str(path) for name, path in self._programs.items()}
        self._write(Status(progress.phase, progress.message, progress.detail, programs=programs))

    def _write(self, status: Status) -> None:
        self._place.write_status(status)


@contextlib.contextmanager
def nobody_builds(place: Place) -> Iterator[bool]:
    """Whether no order is at the daemon; none comes while the block lasts."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock.hold(place.in_use))
        except lock.AlreadyHeld:
            yield False
        else:
            yield True


@contextlib.contextmanager
def running(place: Place) -> Iterator[None]:
    """An engine in a thread of this process while the block lasts."""
    stopping = threading.Event()
    thread = threading.Thread(target=run, args=(place, stopping), name="builds")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
