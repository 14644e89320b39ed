"""The worker: claims jobs, keeps their leases alive, and maps how they end to the queue.

Threads: one claims (the caller's), one heartbeats, one listens for new jobs, one watches the clock, one removes at the
start what killed processes left on the disk, and `concurrency` run handlers. Waking comes from a change stream and, in
case that fails, from a poll each second.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo.errors import PyMongoError

from kubeorch.base.errors import KubeOrchError
from kubeorch.base.failpoint import hit
from kubeorch.jobs import queue, retry
from kubeorch.jobs.context import JobContext, Snooze, WorkerStopping, clock_s
from kubeorch.jobs.queue import LEASE_S, LeaseLost
from kubeorch.mongo.client import db
from kubeorch.processes import scratch

log = logging.getLogger(__name__)

EXIT_LEASE_LOST = 75
FINISHED_KEPT = 100
"""Of how many ended jobs a worker knows that it has ended them itself."""
RECORDING_ATTEMPTS = 5
"""How often the recording of a failure may itself fail before the job ends without it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a worker waits, in seconds. Tests hand in other times."""

    lease_s: float = LEASE_S
    poll_s: float = 1.0
    """How often the queue is read when nothing wakes the worker."""
    soft_grace_s: float = 2.0
    """After SIGTERM handlers may run to their end this long; then they are asked to stop between two steps."""
    hard_grace_s: float = 20.0
    """After this long the jobs of handlers that did not stop are given back, and the process ends."""


USUAL = Timing()


@dataclass(frozen=True, slots=True)
class Handler:
    """What a job type does.

    `run` may be called again after any line of it. `failed` records the end of a job that will not be tried
    again; it gets the reason as {code, detail} and must be repeatable too.
    """

    run: Callable[[JobContext], None]
    failed: Callable[[JobContext, Mapping[str, Any]], None] | None = None


class Worker:
    """One process's worker. `run` blocks until `stop`."""

    def __init__(self, handlers: Mapping[str, Handler], *, concurrency: int = 4, timing: Timing = USUAL) -> None:
        self.id = str(uuid.uuid4())
        self._handlers = handlers
        self._types = list(handlers)
        self._concurrency = concurrency
        self._lane_limit = max(1, concurrency - 1)
        """One thread is left to others, however slow the jobs of a lane are."""
        self._timing = timing
        self._running: dict[str, JobContext] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._told = threading.Event()
        """Set when others made a job due, or freed a place of a lane."""
        self._finished: deque[ObjectId] = deque(maxlen=FINISHED_KEPT)
        """Jobs that this worker has ended: their end wakes the claiming thread by itself."""
        self._stop_at: float | None = None
        self._ended = threading.Event()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what runs has ended or was given back. Safe in a signal handler."""
        if self._stop_at is None:
            self._stop_at = time.monotonic()
        self._wake.set()

    def wants_stop(self) -> bool:
        return self._stop_at is not None and time.monotonic() - self._stop_at > self._timing.soft_grace_s

    def run(self) -> bool:
        """Work until `stop`. False where jobs did not end in time and were given back: their threads cannot be stopped,
        so what has started the worker ends its process."""
        log.info("worker %s takes %s", self.id, ", ".join(self._types))
        threads = {
            "heart": self._beat,
            "listen": self._listen,
            "watchdog": self._watch_clock,
            "leftovers": scratch.clear_away,
        }
        for name, target in threads.items():
            threading.Thread(target=target, name=f"worker-{name}", daemon=True).start()
        pool = ThreadPoolExecutor(self._concurrency, thread_name_prefix="job")
        while self._stop_at is None:
            self._wake.clear()
            try:
                wait_s = self._claim_all(pool)
            except PyMongoError as error:
                log.warning("the queue cannot be read: %s", error)
                wait_s = self._timing.poll_s
            self._wake.wait(wait_s)
        has_ended = self._drain()
        pool.shutdown(wait=has_ended)
        self._ended.set()
        log.info("worker %s ended", self.id)
        return has_ended

    # The claiming thread

    def _claim_all(self, pool: ThreadPoolExecutor) -> float:
        """Claim while there are due jobs and free threads; returns how many seconds to wait afterwards.

        A claim is tried at once where the change stream has told of a job, else only where one is due: most looks find
        nothing, and to ask is cheaper than to claim in vain.
        """
        is_told, is_due = self._told.is_set(), False
        self._told.clear()
        while self._stop_at is None:
            if len(self._running) >= self._concurrency:
                return self._timing.poll_s  # the end of a job wakes us
            if not is_told:
                due_s = queue.next_due_s(self._types, lane_limit=self._lane_limit)
                if due_s is None or due_s > self._timing.poll_s:
                    return self._timing.poll_s
                if due_s > 0:
                    return due_s + 0.001
                is_due = True
            is_told = False
            started = clock_s()
            job = queue.claim(self.id, self._types, lease_s=self._timing.lease_s, lane_limit=self._lane_limit)
            if job is None:
                if is_due and queue.sweep() == 0:
                    return 0.02  # due, but another worker was quicker or the type is not ours
                continue
            context = JobContext(job, self.wants_stop, started)
            with self._lock:
                self._running[job.lease_token] = context
            future = pool.submit(self._handle, context)
            future.add_done_callback(partial(self._done, job.lease_token))
        return 0

    def _done(self, token: str, future: Future[None]) -> None:
        with self._lock:
            self._running.pop(token, None)
        if (error := future.exception()) is not None:
            log.error("the end of a job could not be recorded; its lease will expire", exc_info=error)
        self._wake.set()

    def _drain(self) -> bool:
        """Wait for running jobs, and give back those that run on after the grace; whether there were none."""
        give_up_at = time.monotonic() + self._timing.hard_grace_s
        while self._contexts() and time.monotonic() < give_up_at:
            self._wake.clear()
            self._wake.wait(0.1)
        left = self._contexts()
        for context in left:
            try:
                queue.release(context.job)
            except (LeaseLost, PyMongoError):
                continue
        if left:
            types = ", ".join(sorted(context.job.type for context in left))
            log.warning("did not stop in %.0f s and were given back: %s", self._timing.hard_grace_s, types)
        return not left

    def _contexts(self) -> list[JobContext]:
        with self._lock:
            return list(self._running.values())

    # A job's thread

    def _handle(self, context: JobContext) -> None:
        job = context.job
        handler = self._handlers[job.type]
        try:
            if job.attempt > job.max_attempts:
                self._give_up(
                    context, handler, dict(job.error or {"code": "job.exhausted", "detail": "no attempts left"})
                )
                return
            handler.run(context)
            hit("job.before_finish")
            self._finished.append(job.id)
            queue.finish(job, "succeeded")
        except LeaseLost:
            _end_when_overdue(context)  # the watchdog may be slower than the end of this job
            log.warning("%s %s belongs to another worker now", job.type, job.key or job.id)
        except Snooze as asked:
            delay_s, then = asked.delay_s, asked.then
            self._after(context, lambda: queue.snooze(job, delay_s=delay_s))
            if then is not None:
                then()
        except WorkerStopping:
            self._after(context, lambda: queue.release(job))
        except Exception as error:  # noqa: BLE001  the outermost loop of a job
            self._fail(context, handler, error)

    def _fail(self, context: JobContext, handler: Handler, error: Exception) -> None:
        job = context.job
        reason = reason_of(error)
        known = isinstance(error, KubeOrchError)
        log.log(
            logging.WARNING if known else logging.ERROR,
            "%s %s: %s: %s",
            job.type,
            job.key or job.id,
            reason["code"],
            reason["detail"],
            exc_info=None if known else error,
        )
        if retry.is_worth_retrying(error) and not context.is_last_attempt:
            self._after(context, lambda: queue.retry(job, delay_s=retry.delay_s(job.attempt, error), error=reason))
        else:
            self._give_up(context, handler, reason)

    def _give_up(self, context: JobContext, handler: Handler, reason: Mapping[str, Any]) -> None:
        """Record the failure where people see it, then end the job; after a kill in between both happen again."""
        try:
            if handler.failed is not None and context.attempt <= context.job.max_attempts + RECORDING_ATTEMPTS:
                handler.failed(context, reason)
            queue.finish(context.job, "failed", error=dict(reason))
        except LeaseLost:
            log.warning("%s %s belongs to another worker now", context.job.type, context.job.key or context.job.id)

    def _after(self, context: JobContext, write: Callable[[], None]) -> None:
        try:
            write()
        except LeaseLost:
            log.warning("%s %s belongs to another worker now", context.job.type, context.job.key or context.job.id)

    # Side threads

    def _beat(self) -> None:
        while not self._ended.wait(self._timing.lease_s / 4):
            for context in self._contexts():
                try:
                    context.heartbeat()
                except LeaseLost:
                    pass  # its thread finds out at the next `check_alive`
                except PyMongoError as error:
                    log.warning("heartbeat failed: %s", error)

    def _watch_clock(self) -> None:
        """Exit when a lease has expired: the job's threads may hang in a call and must not go on."""
        while not self._ended.wait(0.25):
            for context in self._contexts():
                _end_when_overdue(context)

    def _listen(self) -> None:
        """Wake the claiming thread when something can be claimed: see `queue.news`."""
        changed = queue.news(self._timing.poll_s)
        while not self._ended.is_set():
            try:
                with db()["jobs"].watch(changed, max_await_time_ms=1000) as stream:
                    self._tell()
                    while stream.alive and not self._ended.is_set():
                        change = stream.try_next()
                        if change is not None and not self._is_own_end(change):
                            self._tell()
            except PyMongoError as error:
                log.warning("the queue's change stream broke, polling meanwhile: %s", error)
                self._ended.wait(self._timing.poll_s)

    def _tell(self) -> None:
        self._told.set()
        self._wake.set()

    def _is_own_end(self, change: Mapping[str, Any]) -> bool:
        """Whether it is the end of a job of this worker, after which nobody writes to that job any more."""
        return change.get("state") == "succeeded" and change["documentKey"]["_id"] in self._finished


def run_worker(handlers: Mapping[str, Handler], *, concurrency: int = 4, timing: Timing = USUAL) -> None:
    """Run a worker until SIGTERM or SIGINT. Call it from the main thread of a process that does nothing else."""
    worker = Worker(handlers, concurrency=concurrency, timing=timing)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    if not worker.run():
        os._exit(0)  # the interpreter would wait for the threads


def reason_of(error: BaseException) -> dict[str, Any]:
    """{code, detail} for people: our own sentences; of an unexpected error only its type."""
    if isinstance(error, KubeOrchError):
        return {"code": error.code, "detail": error.detail}
    if isinstance(error, PyMongoError):
        return {"code": "database.unavailable", "detail": "the database did not answer; try again"}
    return {
        "code": "internal",
        "detail": f"an internal error ({type(error).__name__}); the worker's log has the details",
    }


def _end_when_overdue(context: JobContext) -> None:
    if not context.is_lost and clock_s() >= context.lease_ends_at:
        log.critical("no heartbeat for a whole lease; exiting so that nothing is done twice")
        os._exit(EXIT_LEASE_LOST)
