"""The queue against a model of it: any order of enqueuing, claiming, dying, sweeping and ending keeps its promises."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from tests.support.searches import searched

pytestmark = pytest.mark.usefixtures("mongo")
KEYS = st.sampled_from(["a", "b", "c"])


class QueueMachine(RuleBasedStateMachine):
    """`holds` are jobs as workers hold them, rightly or not."""

    holds = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        from kubeorch.jobs import queue
        from kubeorch.mongo.client import db

        self.queue = queue
        self.jobs = db()["jobs"]
        self.jobs.delete_many({})
        self.open: dict[str, Any] = {}
        self.holder: dict[Any, str] = {}
        self.fences: dict[Any, int] = {}
        self.ended: dict[Any, str] = {}

    @rule(key=KEYS)
    def enqueue(self, key: str) -> None:
        job_id = self.queue.enqueue("t", {"key": key}, key=key)
        assert job_id == self.open.setdefault(key, job_id)
        assert job_id not in self.ended

    @rule(target=holds)
    def claim(self) -> Any:
        job = self.queue.claim("w", ["t"])
        if job is None:
            assert all(job_id in self.holder for job_id in self.open.values())
            return None
        assert job.id not in self.holder, "held by another"
        assert job.id not in self.ended, "ended"
        assert job.fence == self.fences.get(job.id, 0) + 1
        self.fences[job.id] = job.fence
        self.holder[job.id] = job.lease_token
        return job

    @rule(key=KEYS)
    def the_worker_dies_and_its_lease_runs_out(self, key: str) -> None:
        job_id = self.open.get(key)
        if job_id in self.holder:
            self.jobs.update_one({"_id": job_id}, [{"$set": {"lease_until": {"$subtract": ["$$NOW", 1000]}}}])
            assert self.queue.sweep() == 1
            del self.holder[job_id]

    @rule()
    def sweep(self) -> None:
        assert self.queue.sweep() == 0

    @rule(job=holds)
    def heartbeat(self, job: Any) -> None:
        self._write(job, self.queue.heartbeat)

    @rule(job=holds)
    def release(self, job: Any) -> None:
        if self._write(job, self.queue.release):
            del self.holder[job.id]

    @rule(job=holds)
    def retry(self, job: Any) -> None:
        if self._write(job, lambda held: self.queue.retry(held, delay_s=0, error={"code": "x"})):
            del self.holder[job.id]

    @rule(job=consumes(holds), outcome=st.sampled_from(["succeeded", "failed", "canceled"]))
    def finish(self, job: Any, outcome: str) -> None:
        if self._write(job, lambda held: self.queue.finish(held, outcome)):
            del self.holder[job.id]
            self.ended[job.id] = outcome
            del self.open[job.payload["key"]]

    def _write(self, job: Any, write: Any) -> bool:
        """Write as that holder; refused exactly when it holds the job no more."""
        if job is None:
            return False
        if self.holder.get(job.id) == job.lease_token:
            write(job)
            return True
        with pytest.raises(self.queue.LeaseLost):
            write(job)
        return False

    @invariant()
    def what_ended_stays_so_and_nothing_is_lost(self) -> None:
        states = {row["_id"]: row["state"] for row in self.jobs.find({}, {"state": 1})}
        assert {job_id: states[job_id] for job_id in self.ended} == self.ended
        assert {job_id for job_id, state in states.items() if state == "running"} == set(self.holder)
        assert {job_id for job_id, state in states.items() if state in ("queued", "running")} == set(self.open.values())


def test_any_order_of_events_keeps_the_promises() -> None:
    run_state_machine_as_test(
        QueueMachine,
        settings=searched(40, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )
