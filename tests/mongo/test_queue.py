"""The queue's promises, each against a real server."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kubeorch.base import clock
from kubeorch.base.errors import InvalidInput, Unavailable
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working

pytestmark = pytest.mark.usefixtures("mongo")

NEVER_S = 10_000.0
"""A worker that polls so rarely runs a job only if it is woken for it. `make bench` measures how soon it is."""


@pytest.fixture
def workers() -> Iterator[Any]:
    """Start workers in threads; they end with the test."""
    with ExitStack() as stack:
        yield lambda handlers, **options: stack.enter_context(working(1, handlers, **options))


def job_row(mongo: Any, job_id: Any) -> Any:
    return mongo.jobs.find_one({"_id": job_id})


def test_a_job_is_claimed_by_one_worker_only() -> None:
    from kubeorch.jobs import queue

    ids = {queue.enqueue("t", {"n": n}) for n in range(60)}
    with ThreadPoolExecutor(12) as pool:
        claimed = [job for job in pool.map(lambda n: queue.claim(f"w{n}", ["t"]), range(90)) if job]
    assert len(claimed) == 60
    assert {job.id for job in claimed} == ids


def test_a_lease_ends_ten_seconds_later_by_the_servers_clock(mongo: Any) -> None:
    from kubeorch.jobs import queue

    def server_time() -> datetime:
        found: datetime = mongo.client.admin.command("hello")["localTime"]
        return found

    queue.enqueue("t", {})
    before = server_time()
    job = queue.claim("w", ["t"])
    after = server_time()
    lease_until = job_row(mongo, job.id)["lease_until"].replace(tzinfo=before.tzinfo)
    assert before + timedelta(seconds=10) <= lease_until <= after + timedelta(seconds=10)
    assert (job.attempt, job.fence) == (1, 1)


def test_urgent_jobs_go_first_and_future_ones_wait() -> None:
    from kubeorch.jobs import queue

    queue.enqueue("t", {"n": "plain"})
    queue.enqueue("t", {"n": "urgent"}, priority=5)
    queue.enqueue("t", {"n": "later"}, priority=9, delay_s=60)
    queue.enqueue("other", {"n": "not ours"}, priority=9)
    assert [queue.claim("w", ["t"]).payload["n"] for _ in range(2)] == ["urgent", "plain"]
    assert queue.claim("w", ["t"]) is None


def test_there_is_one_open_job_for_a_key_even_when_twenty_enqueue_it(mongo: Any) -> None:
    from kubeorch.jobs import queue

    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(lambda _: queue.enqueue("t", {}, key="k"), range(20)))
    assert len(ids) == 1
    job = queue.claim("w", ["t"])
    assert queue.enqueue("t", {}, key="k") == job.id, "a running job still holds its key"
    queue.finish(job)
    assert queue.enqueue("t", {}, key="k") != job.id, "an ended job frees its key"


def test_a_worker_that_lost_its_lease_can_change_nothing(mongo: Any) -> None:
    from kubeorch.jobs import queue

    queue.enqueue("t", {})
    old = queue.claim("w1", ["t"])
    expire_leases(mongo)
    assert queue.sweep() == 1
    new = queue.claim("w2", ["t"])
    assert (new.id, new.fence, new.attempt) == (old.id, 2, 2)
    before = job_row(mongo, new.id)
    for write in (
        queue.heartbeat,
        queue.verify,
        queue.finish,
        queue.release,
        lambda job: queue.snooze(job, delay_s=1),
        lambda job: queue.retry(job, delay_s=1, error={}),
    ):
        with pytest.raises(queue.LeaseLost):
            write(old)
    assert job_row(mongo, new.id) == before


def test_the_sweep_leaves_a_job_that_ended_or_was_prolonged(mongo: Any) -> None:
    from kubeorch.jobs import queue

    for _ in range(3):
        queue.enqueue("t", {})
    done, alive, lost = (queue.claim("w", ["t"]) for _ in range(3))
    queue.finish(done)
    expire_leases(mongo)
    queue.heartbeat(alive)
    assert queue.sweep() == 1
    assert [job_row(mongo, job.id)["state"] for job in (done, alive, lost)] == ["succeeded", "running", "queued"]


def test_snooze_and_release_do_not_count_as_attempts() -> None:
    from kubeorch.jobs import queue

    queue.enqueue("t", {}, key="k")
    for _ in range(3):
        job = queue.claim("w", ["t"])
        assert job.attempt == 1
        queue.release(job)
    job = queue.claim("w", ["t"])
    queue.snooze(job, delay_s=60)
    assert queue.claim("w", ["t"]) is None
    assert queue.wake("t", "k")
    assert queue.claim("w", ["t"]).attempt == 1


def test_a_job_enqueued_in_a_transaction_appears_with_its_commit(mongo: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.mongo.transaction import transaction

    def broken() -> None:
        with transaction() as session:
            queue.enqueue("t", {}, key="k", session=session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert queue.claim("w", ["t"]) is None
    with transaction() as session:
        queue.enqueue("t", {"a": {"$b": 1}}, key="k", session=session)
        assert queue.claim("w", ["t"]) is None
    assert queue.claim("w", ["t"]).payload == {"a": {"$b": 1}}


def test_a_waiting_worker_is_woken_by_a_new_job(workers: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    started: list[int] = []
    workers({"t": Handler(lambda ctx: started.append(ctx.payload["n"]))}, poll_s=NEVER_S)
    for n in range(20):
        queue.enqueue("t", {"n": n})
        until(lambda n=n: started[n:] == [n])


def test_a_waiting_worker_starts_a_job_for_later_when_it_is_due(workers: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    started: list[datetime] = []
    workers({"t": Handler(lambda _: started.append(clock.now()))}, poll_s=NEVER_S)
    due = clock.now() + timedelta(seconds=1.4)
    queue.enqueue("t", {}, run_at=due)
    until(lambda: started)
    assert started[0] >= due


def test_a_worker_asks_once_a_look_and_not_anew_after_a_job_that_it_has_ended_itself(mongo: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler, Timing, Worker

    done, asked = threading.Event(), list[str]()
    worker = Worker({"t": Handler(lambda context: done.set()), "later": Handler(print)}, timing=Timing(poll_s=NEVER_S))
    claim, next_due_s = queue.claim, queue.next_due_s
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queue, "claim", lambda *a, **named: (asked.append("claim"), claim(*a, **named))[1])
        patch.setattr(queue, "next_due_s", lambda *a, **named: (asked.append("due"), next_due_s(*a, **named))[1])
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        until(lambda: asked[-2:] == ["claim", "due"])  # the stream is open: it may have missed something
        asked.clear()
        queue.enqueue("later", {}, delay_s=2 * NEVER_S)
        job_id = queue.enqueue("t", {})
        assert done.wait(PATIENCE_S)
        until(lambda: job_row(mongo, job_id)["state"] == "succeeded")
        until(lambda: asked.count("due") == 2)  # after the claim, and after the end of the job
        marker = queue.enqueue("t", {})  # what the stream told before this has been read when it has run
        until(lambda: job_row(mongo, marker)["state"] == "succeeded")
        until(lambda: asked.count("due") == 4)
        worker.stop()
        thread.join(PATIENCE_S)
    assert asked == ["claim", "due", "due", "claim", "due", "due"]


def test_a_temporary_failure_is_retried_and_a_refusal_is_final(mongo: Any, workers: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    tries: list[str] = []
    told: list[Any] = []

    def flaky(_: Any) -> None:
        tries.append("flaky")
        if len(tries) < 2:
            raise Unavailable("not now")

    def refused(_: Any) -> None:
        raise InvalidInput("never", code="t.never")

    workers({"flaky": Handler(flaky), "refused": Handler(refused, lambda _, reason: told.append(reason))})
    flaky_id = queue.enqueue("flaky", {})
    refused_id = queue.enqueue("refused", {})
    until(lambda: job_row(mongo, flaky_id)["state"] == "succeeded")
    until(lambda: job_row(mongo, refused_id)["state"] == "failed")
    assert job_row(mongo, refused_id)["error"] == {"code": "t.never", "detail": "never"}
    assert job_row(mongo, refused_id)["attempt"] == 1
    assert told == [{"code": "t.never", "detail": "never"}]


def test_a_job_that_kills_its_workers_ends_failed_with_a_reason(mongo: Any, workers: Any) -> None:
    """A job that takes its workers along uses up its attempts and is then recorded, not claimed for ever."""
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    told: list[Any] = []
    job_id = queue.enqueue("poison", {}, max_attempts=2)
    for _ in range(2):
        assert queue.claim("dying", ["poison"]) is not None
        expire_leases(mongo)
        assert queue.sweep() == 1
    workers({"poison": Handler(lambda _: pytest.fail("ran again"), lambda _, reason: told.append(reason))})
    until(lambda: job_row(mongo, job_id)["state"] == "failed")
    assert told[0]["code"] == "job.worker_lost"
    assert job_row(mongo, job_id)["error"]["code"] == "job.worker_lost"


def test_a_waiting_worker_takes_the_job_of_a_lost_one_when_its_lease_ends(mongo: Any, workers: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    resumed: list[datetime] = []
    queue.enqueue("t", {})
    job = queue.claim("gone", ["t"], lease_s=1.5)
    lease_until = job_row(mongo, job.id)["lease_until"].replace(tzinfo=UTC)
    workers({"t": Handler(lambda _: resumed.append(clock.now()))}, poll_s=NEVER_S)
    until(lambda: resumed)
    assert resumed[0] > lease_until


def test_a_worker_removes_at_its_start_what_killed_ones_left_on_the_disk(
    workers: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubeorch.processes.scratch import scratch_folder

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch_folder("git") as in_use:
        left = tmp_path / "kubeorch-scratch-jail-of-a-killed-worker"
        (left / "files").mkdir(parents=True)
        (left / "files" / "values.yaml").write_text("password: kept no longer than its rendering\n")
        (left / "lock").touch()
        workers({})
        until(lambda: not left.exists())
        assert in_use.is_dir()


def test_a_stopping_worker_finishes_short_jobs_and_gives_long_ones_back(mongo: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler, Worker

    begun, short_begun = threading.Event(), threading.Event()

    def long(ctx: Any) -> None:
        begun.set()
        until(ctx.check_alive)  # ends only by what `check_alive` raises

    def short(_: Any) -> None:
        short_begun.set()
        begun.wait(PATIENCE_S)

    worker = Worker({"long": Handler(long), "short": Handler(short)}, concurrency=2)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    long_id, short_id = queue.enqueue("long", {}), queue.enqueue("short", {})
    assert begun.wait(PATIENCE_S)
    assert short_begun.wait(PATIENCE_S)
    worker.stop()
    queue.enqueue("short", {"never": "claimed"})
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    row = job_row(mongo, long_id)
    assert (row["state"], row["attempt"], row["lease_token"]) == ("queued", 0, None)
    assert job_row(mongo, short_id)["state"] == "succeeded"
    assert mongo.jobs.count_documents({"type": "short", "state": "queued"}) == 1


def test_a_worker_whose_job_does_not_end_gives_it_back_and_says_so(mongo: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler, Timing, Worker

    goes_on, begun = threading.Event(), threading.Event()

    def deaf(context: Any) -> None:
        begun.set()
        goes_on.wait(60)

    worker = Worker({"t": Handler(deaf)}, timing=Timing(hard_grace_s=0.1))
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(worker.run()), daemon=True)
    thread.start()
    try:
        queue.enqueue("t", {})
        assert begun.wait(60)
        worker.stop()
        thread.join(60)
        assert ended == [False]
        assert mongo.jobs.find_one()["state"] == "queued"
    finally:
        goes_on.set()


def test_a_cancellation_reaches_the_worker_that_holds_the_job(workers: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.worker import Handler

    seen = threading.Event()
    begun = threading.Event()

    def run(ctx: Any) -> None:
        begun.set()

        def asked() -> bool:
            ctx.check_lease()
            return ctx.cancel_requested

        until(asked)
        seen.set()

    workers({"t": Handler(run)})
    queue.enqueue("t", {}, key="k")
    assert begun.wait(PATIENCE_S)
    queue.request_cancel("t", "k")
    assert seen.wait(PATIENCE_S)


def test_an_answer_about_a_lease_is_relied_on_no_longer_than_the_lease_itself(mongo: Any) -> None:
    from kubeorch.jobs import queue
    from kubeorch.jobs.context import JobContext, clock_s

    queue.enqueue("t", {})
    job = queue.claim("w1", ["t"], lease_s=60.0)
    context = JobContext(job, lambda: False, clock_s())
    mongo.jobs.update_one({"_id": job.id}, [{"$set": {"lease_until": {"$add": ["$$NOW", 20]}}}])
    with suppress(queue.LeaseLost):  # on a machine that is slower than the lease
        context.check_lease()
    until(lambda: queue.sweep() == 1, what="the lease ends")
    queue.claim("w2", ["t"])
    with pytest.raises(queue.LeaseLost):
        context.check_lease()
