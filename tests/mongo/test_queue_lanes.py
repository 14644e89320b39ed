"""Lanes of the queue: however slow the jobs of one lane are, they leave workers to the others."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from tests.support.searches import searched
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working

pytestmark = pytest.mark.usefixtures("mongo")


def test_no_more_jobs_of_a_lane_run_at_once_than_it_has_places_however_many_workers_claim() -> None:
    from kubeorch.jobs import queue

    for n in range(40):
        queue.enqueue("t", {"n": n}, in_lanes=["cluster:1", f"team:{n % 2}"])
    for n in range(5):
        queue.enqueue("t", {"n": f"other {n}"}, in_lanes=[f"cluster:other {n}"])
    with ThreadPoolExecutor(12) as pool:
        claimed = [job for job in pool.map(lambda n: queue.claim(f"w{n}", ["t"], lane_limit=3), range(40)) if job]
    counts = Counter("other" if "other" in str(job.payload["n"]) else "cluster" for job in claimed)
    assert counts == {"cluster": 3, "other": 5}


def test_a_freed_place_goes_to_the_job_of_the_lane_that_waits_longest(mongo: Any) -> None:
    from kubeorch.jobs import queue

    for n in range(6):
        queue.enqueue("t", {"n": n}, in_lanes=["slow"])
    first, second = (queue.claim("w", ["t"], lane_limit=2) for _ in range(2))
    assert queue.claim("w", ["t"], lane_limit=2) is None
    queue.finish(first)
    assert queue.claim("w", ["t"], lane_limit=2).payload["n"] == 2
    queue.snooze(second, delay_s=60)
    assert queue.claim("w", ["t"], lane_limit=2).payload["n"] == 3
    expire_leases(mongo)
    assert queue.sweep() == 2
    left = {queue.claim("w", ["t"], lane_limit=2).payload["n"] for _ in range(2)}
    assert left == {4, 5}, "the places of a lost worker are free, and its jobs wait anew"


def test_jobs_that_wait_for_a_full_lane_are_not_in_sight_of_an_idle_worker() -> None:
    from kubeorch.jobs import queue

    for _ in range(3):
        queue.enqueue("t", {}, in_lanes=["slow"])
    held = queue.claim("w", ["t"], lane_limit=1)
    due_s = queue.next_due_s(["t"], lane_limit=1)
    assert due_s is not None
    assert due_s > 5, "the end of the lease, not the jobs that are due"
    queue.finish(held)
    assert queue.next_due_s(["t"], lane_limit=1) == 0


def test_jobs_that_hang_leave_a_worker_to_the_other_lanes() -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    release = threading.Event()
    done: list[str] = []
    handlers = {
        "hangs": Handler(lambda _: release.wait(PATIENCE_S) and done.append("hung")),
        "quick": Handler(lambda ctx: done.append(ctx.payload["team"])),
    }
    with working(1, handlers, concurrency=4):
        for n in range(12):
            queue.enqueue("hangs", {}, in_lanes=[f"cluster:{n}", "team:bad"], priority=5)
        for team in ("a", "b", "c"):
            queue.enqueue("quick", {"team": team}, in_lanes=["cluster:good", f"team:{team}"])
        until(lambda: sorted(done) == ["a", "b", "c"])
        release.set()
        until(lambda: done.count("hung") == 12)


def test_runs_of_a_cluster_and_of_a_team_have_lanes(mongo: Any) -> None:
    from bson import ObjectId

    from kubeorch.mongo.transaction import transaction
    from workflows.runs.scheduling import enqueue_run

    run: Any = {"_id": ObjectId(), "epoch": 1, "cluster_id": ObjectId(), "team_id": ObjectId()}
    with transaction() as session:
        enqueue_run(run, session)
    assert mongo.jobs.find_one()["lanes"] == [f"cluster:{run['cluster_id']}", f"team:{run['team_id']}"]


def test_claiming_past_a_full_lane_reads_the_index_and_not_the_jobs(mongo: Any) -> None:
    from kubeorch.jobs import queue

    for _ in range(50):
        queue.enqueue("t", {}, in_lanes=["slow"])
    queue.claim("w", ["t"], lane_limit=1)
    plan = mongo.jobs.find({"lane_slots": {"$type": "string"}}).explain()["executionStats"]
    assert (plan["totalDocsExamined"], plan["nReturned"]) == (1, 1)


class LanesMachine(RuleBasedStateMachine):
    """Jobs in up to two of three lanes, with two places each."""

    held = Bundle("held")
    LIMIT = 2

    def __init__(self) -> None:
        super().__init__()
        from kubeorch.jobs import queue
        from kubeorch.mongo.client import db

        self.queue = queue
        self.jobs = db()["jobs"]
        self.jobs.delete_many({})
        self.waiting: dict[Any, tuple[str, ...]] = {}
        self.running: dict[Any, tuple[str, ...]] = {}

    @rule(lanes=st.lists(st.sampled_from(["x", "y", "z"]), unique=True, max_size=2).map(tuple))
    def enqueue(self, lanes: tuple[str, ...]) -> None:
        self.waiting[self.queue.enqueue("t", {}, in_lanes=lanes)] = lanes

    @rule(target=held)
    def claim(self) -> Any:
        job = self.queue.claim("w", ["t"], lane_limit=self.LIMIT)
        counts = self.counts()
        free = [job for job, lanes in self.waiting.items() if all(counts[lane] < self.LIMIT for lane in lanes)]
        if job is None:
            assert not free, "a job that could run was not claimed"
            return None
        if self.queue.next_due_s(["t"], lane_limit=self.LIMIT) == 0 and len(free) == 1:
            pytest.fail("nothing else may run, and yet something seems due")
        assert job.id == free[0], "the one that waits longest of those that may run"
        self.running[job.id] = self.waiting.pop(job.id)
        return job

    @rule(job=consumes(held))
    def finish(self, job: Any) -> None:
        if job is not None:
            self.queue.finish(job)
            del self.running[job.id]

    @rule(job=consumes(held))
    def die(self, job: Any) -> None:
        if job is not None:
            self.jobs.update_one({"_id": job.id}, [{"$set": {"lease_until": {"$subtract": ["$$NOW", 1000]}}}])
            assert self.queue.sweep() == 1
            self.waiting[job.id] = self.running.pop(job.id)

    def counts(self) -> Counter[str]:
        return Counter(lane for lanes in self.running.values() for lane in lanes)

    @invariant()
    def no_lane_is_overfull(self) -> None:
        assert all(count <= self.LIMIT for count in self.counts().values())


def test_any_order_of_events_keeps_lanes_within_their_places_and_lets_nobody_starve() -> None:
    run_state_machine_as_test(
        LanesMachine,
        settings=searched(40, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
    )


def test_a_worker_hears_of_what_it_may_claim_before_its_next_look_and_of_nothing_else(mongo: Any) -> None:
    from kubeorch.jobs import queue

    def told(change: Any) -> int:
        """How many changes it tells of."""
        with mongo["jobs"].watch(queue.news(1.0), max_await_time_ms=200) as stream:
            change()
            heard = 0
            while stream.try_next() is not None:
                heard += 1
            return heard

    def claim() -> Any:
        held[:] = [until(lambda: queue.claim("w", ["t"]), what="a job is due")]

    held: list[Any] = []
    assert told(lambda: queue.enqueue("t", {}, in_lanes=["slow"])) == 1
    assert told(claim) == 0
    assert told(lambda: queue.heartbeat(held[0])) == 0
    assert told(lambda: queue.finish(held[0])) == 1, "a place of the lane is free"
    assert told(lambda: queue.enqueue("t", {}, key="later", delay_s=60)) == 0
    assert told(lambda: queue.wake("t", "later")) == 1
    assert told(claim) == 0
    assert told(lambda: queue.snooze(held[0], delay_s=60)) == 0
    assert told(lambda: queue.drop("t", "later")) == 0
    assert told(lambda: queue.enqueue("t", {}, delay_s=0.7)) == 1
    assert told(claim) == 0
    assert told(lambda: queue.release(held[0])) == 1
    assert told(claim) == 0
    assert told(lambda: queue.retry(held[0], delay_s=0.2, error={"code": "x", "detail": "y"})) == 1
    assert told(claim) == 0
    assert told(lambda: queue.finish(held[0])) == 0, "it was in no lane"
    assert told(lambda: queue.enqueue("t", {}, in_lanes=["slow"])) == 1
    assert told(claim) == 0
    expire_leases(mongo)
    assert told(queue.sweep) == 1
