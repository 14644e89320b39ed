"""Recording what a run does while it does it: in batches, each one transaction guarded by the run's fence.

A step that starts and ends within one batch is written once. What a killed worker did not write is done again by the
next one, which is harmless: every step is idempotent. Only that a run has begun is written before its first request
that changes the cluster: the end of a run whose worker was killed goes by whether anything had begun.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Ref
from kubeorch.base.clock import now
from kubeorch.base.failpoint import hit
from kubeorch.jobs.queue import LeaseLost
from kubeorch.mongo.transaction import run_in_transaction
from kubeorch.realtime import events
from workflows.environments import inventory_store, yield_store
from workflows.representations import log_line_json
from workflows.runs import log_store, step_store
from workflows.runs import store as run_store
from workflows.runs.log_store import LogLine
from workflows.runs.run import Run
from workflows.runs.states import StepState
from workflows.runs.step_store import RunStep

BATCH_S = 0.15
"""What is recorded within this time is written at once, and nothing waits longer."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is written at once."""

    steps: Sequence[RunStep]
    inventory: Sequence[inventory_store.Write]
    made: Sequence[Ref]
    logs: Sequence[LogLine]
    counts: Mapping[str, int]


class RunRecorder:
    """Records one run's steps, from any thread. Use it as a context manager: leaving it writes what is left."""

    def __init__(self, run: Run, steps: Sequence[RunStep]) -> None:
        self.run = run
        self.steps = {step["index"]: step for step in steps}
        self._changed: set[int] = set()
        self._inventory: list[inventory_store.Write] = []
        self._made: list[Ref] = []
        self._logs: list[LogLine] = []
        self._last_line: dict[str, Any] | None = None
        """As it is stored, where this recorder has written it. While a worker holds a run, nobody else writes one."""
        self._lines: int | None = None
        """How many lines the log had before those that are published next; None before the first."""
        self._batch_at: datetime | None = None
        """The time that what is found unchanged in one batch shares, so that it is one write."""
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._beginning = threading.Lock()
        self._has_begun = False
        self._due = threading.Event()
        self._ended = threading.Event()
        self._broken: BaseException | None = None
        self._closed = False
        self._leaves_rest = False
        self._thread = threading.Thread(target=self._loop, name="run-recorder", daemon=True)

    def __enter__(self) -> RunRecorder:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._ended.set()
        self._due.set()
        self._thread.join()
        if self._broken is not None and error is None:
            raise self._broken
        if self._broken is None and not isinstance(error, LeaseLost) and (error is not None or not self._leaves_rest):
            self.flush()

    def check(self) -> None:
        """Raise what kept the last batch from being written."""
        if self._broken is not None:
            raise self._broken

    def begin(self) -> None:
        """Called before each request that changes the cluster: the first one waits until it is written that its step
        has begun. Raises as `flush`."""
        if self._has_begun:
            return
        with self._beginning:
            self.check()  # what was to be written is lost where another thread has failed to write it
            if not self._has_begun:
                self.flush()
                self._has_begun = True

    def step(self, index: int, state: StepState, **values: Any) -> None:
        """Record a step's new state, with further fields of it."""
        with self._lock:
            if self._batch_at is None or state is not StepState.UNCHANGED:
                self._batch_at = now()
            at = self._batch_at
            step = self.steps[index]
            cast("dict[str, Any]", step).update(values)
            step["state"] = state.value
            step["rev"] += 1
            if state is StepState.RUNNING:
                step["started_at"] = step["started_at"] or at
            elif state is not StepState.PENDING:
                step["finished_at"] = at
            self._changed.add(index)
        self._due.set()

    def note(self, index: int, **values: Any) -> None:
        """Record fields of a step that nobody is shown."""
        with self._lock:
            cast("dict[str, Any]", self.steps[index]).update(values)
            self._changed.add(index)
        self._due.set()

    def inventory(self, ref: Ref, values: Mapping[str, Any]) -> None:
        """Record what is now known of an owned object."""
        with self._lock:
            self._inventory.append(inventory_store.update_of(self.run, ref, values))

    def made(self, ref: Ref) -> None:
        """Record, before anything else of it, that the object was made whole: nothing of it is left to others."""
        with self._lock:
            self._made.append(ref)

    def gone(self, ref: Ref) -> None:
        """Take an object out of the inventory. Only after the cluster confirmed that it is gone, or not ours."""
        with self._lock:
            self._inventory.append(inventory_store.removal_of(self.run, ref))

    def log(self, level: str, message: str, node_id: str | None = None) -> None:
        with self._lock:
            self._logs.append(log_store.line(self.run["_id"], now(), level, message, node_id))
        self._due.set()

    def counts(self) -> dict[str, int]:
        return step_store.counted((step["action"], step["state"]) for step in self.steps.values())

    def flush(self) -> None:
        """Write what is recorded. Raises LeaseLost when a later worker holds the run."""
        with self._writing:
            if not self._closed:
                self._write_batch()

    def close(self) -> None:
        """Write what is recorded, and nothing that comes later: the run is about to end, and threads that were left
        alone with an answer of the cluster may still tell of their steps."""
        with self._writing:
            self._write_batch()
            self._closed = True

    def leave_rest(self) -> None:
        """What is left is written by whoever moves the run to its next state (`rest`), and not when the block ends."""
        self._leaves_rest = True

    def rest(self) -> Batch:
        """Take what is left, which is the caller's to write. Called once, when no thread records any more."""
        batch = self._taken()
        if batch.steps or batch.inventory or batch.logs:
            self._prepare(batch)
        return batch

    def write_rest(self, batch: Batch, session: ClientSession) -> list[events.Event]:
        """Write `rest` in the transaction that has moved the run by its fence and sets `counts`; what it publishes."""
        return self._write(batch, session)[0]

    def _taken(self) -> Batch:
        with self._lock:
            steps = [self.steps[index].copy() for index in sorted(self._changed)]
            batch = Batch(steps, self._inventory, self._made, self._logs, self.counts())
            self._changed, self._inventory, self._logs, self._made = set(), [], [], []
            self._batch_at = None
        return batch

    def _prepare(self, batch: Batch) -> None:
        hit("run.before_step_record")
        if batch.logs and self._lines is None:
            self._lines = log_store.count(self.run["_id"])

    def _write_batch(self) -> None:
        batch = self._taken()
        if not (batch.steps or batch.inventory or batch.logs):
            return

        def work(session: ClientSession) -> dict[str, Any] | None:
            run_events: list[events.Event] = []
            if batch.steps or batch.made:
                after = run_store.set_counts(self.run, batch.counts, session)
                if after is None:
                    raise LeaseLost(str(self.run["_id"]))
                run_events = run_store.run_events(after)
            published, last_line = self._write(batch, session)
            events.publish_many(published + run_events, session=session)
            return last_line

        try:
            self._prepare(batch)
            self._last_line = run_in_transaction(work)
        except BaseException as error:
            self._broken = error
            raise
        if self._lines is not None:
            self._lines += len(batch.logs)
        hit("run.after_step_record")

    def _loop(self) -> None:
        # Whoever ends it sets `_ended` first, so that a wake-up which `clear` takes is seen before the next wait.
        while not self._ended.is_set():
            self._due.wait()
            if self._ended.wait(BATCH_S):  # gather the batch
                return  # who ends it writes the rest
            self._due.clear()
            with suppress(Exception):  # `check` raises it in the threads of the run
                self.flush()
            if self._broken is not None:
                return

    def _write(self, batch: Batch, session: ClientSession) -> tuple[list[events.Event], dict[str, Any] | None]:
        """(what it publishes, the last line of the log)."""
        run_id: ObjectId = self.run["_id"]
        if batch.made:
            yield_store.end_of(self.run["environment_id"], batch.made, session)
        inventory_store.write(batch.inventory, session)
        if batch.steps:
            step_store.write(self.run, batch.steps, session)
        last_line = log_store.add_all(batch.logs, self._last_line, session)
        lines = [
            events.Event(f"run:{run_id}", f"log:{number}", log_line_json(row), 1)
            for number, row in enumerate(batch.logs, self._lines or 0)
        ]
        return [*step_store.step_events(run_id, batch.steps), *lines], last_line
