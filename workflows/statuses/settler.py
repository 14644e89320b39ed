"""What follows from a recorded status beside the recording, which it must not hold up: the end of a run, news."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from bson import ObjectId
from pymongo.errors import PyMongoError

log = logging.getLogger(__name__)

SETTLE_EVERY_S = 0.05
RETRY_S = 1.0
"""After the database could not be asked."""


class Settler:
    """Calls `settle(environment_id)` in a thread of its own, once for all changes that came in `every_s`."""

    def __init__(self, name: str, settle: Callable[[ObjectId], object], *, every_s: float = SETTLE_EVERY_S) -> None:
        self._settle = settle
        self._every_s = every_s
        self._waiting: set[ObjectId] = set()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._name = name
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def ask(self, environment_ids: Iterable[ObjectId]) -> None:
        self._waiting.update(environment_ids)
        self._wake.set()
        if self._thread is not None and not self._thread.is_alive() and not self._stop.is_set():
            log.error("the thread %s ended; it is started again", self._name)
            self.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait()
            self._wake.clear()
            while self._waiting and not self._stop.is_set():
                environment_id = self._waiting.pop()
                try:
                    self._settle(environment_id)
                except PyMongoError as error:
                    log.warning("%s has to wait: %s", self._name, error)
                    self._waiting.add(environment_id)
                    break
                except Exception:  # the thread's outermost loop
                    log.exception("%s: environment %s", self._name, environment_id)
            if self._waiting:
                self._wake.set()
                self._stop.wait(RETRY_S)
            self._stop.wait(self._every_s)
