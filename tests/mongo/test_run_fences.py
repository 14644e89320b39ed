"""What a worker that has lost its run may still write, and a deadline that moves while its job looks at it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters.domain.objects import Ref
from kubeorch.base.clock import now
from tests.support.people import Person, a_user
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment

WEB = Ref("apps/v1", "Deployment", "shop", "web")


@pytest.fixture
def run(mongo: Any) -> Any:
    """A run as its document, queued; no worker is here."""
    anna: Person = a_user("editor", name="Anna")
    workflow = a_workflow(anna, a_node("web"))
    an_environment(anna, workflow, a_cluster(anna.team_id))
    started = anna.post(f"workflows/{workflow['id']}/runs", {})
    assert started.status == 202, started.body
    return mongo.runs.find_one({"_id": ObjectId(started.body["id"])})


def leave_replicas(run: Any) -> None:
    """The environment of the run leaves the replicas of `web` to others."""
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import yield_store

    row: Any = {
        "_id": ObjectId(),
        "environment_id": run["environment_id"],
        "team_id": run["team_id"],
        "node_id": "web",
        "ref": WEB.as_json(),
        "path": "spec.replicas",
        "at": now(),
        "by": ObjectId(),
        "by_name": "Anna",
    }
    run_in_transaction(lambda session: yield_store.add(row, session))


@pytest.mark.parametrize("is_lost", [False, True])
def test_what_is_left_to_others_is_forgotten_by_the_worker_that_holds_the_run_alone(
    run: Any, mongo: Any, is_lost: bool
) -> None:
    from kubeorch.jobs.queue import LeaseLost
    from workflows.environments import yield_store
    from workflows.runs.recorder import RunRecorder

    leave_replicas(run)
    recorder = RunRecorder(run, [])
    recorder.made(WEB)
    recorder.log("info", "web was made")
    if is_lost:
        mongo.runs.update_one({"_id": run["_id"]}, {"$inc": {"fence": 1}})
        with pytest.raises(LeaseLost):
            recorder.flush()
    else:
        recorder.flush()
    assert len(yield_store.rows_of(run["environment_id"])) == (1 if is_lost else 0)


@pytest.mark.parametrize("moment", ["before it is woken", "as it clears its wake-up", "while it writes"])
def test_a_recorder_ends_whenever_it_is_asked_to_and_everything_is_written(
    run: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    from workflows.runs.recorder import RunRecorder

    reached, goes_on = threading.Event(), threading.Event()

    def pause() -> None:
        if not reached.is_set():
            reached.set()
            assert goes_on.wait(PATIENCE_S)

    class Paused(threading.Event):
        def clear(self) -> None:
            pause()
            super().clear()

    recorder = RunRecorder(run, [])
    if moment == "as it clears its wake-up":
        monkeypatch.setattr(recorder, "_due", Paused())
    elif moment == "while it writes":
        monkeypatch.setattr("workflows.runs.recorder.hit", lambda point: pause())

    def work() -> None:
        with recorder:
            if moment != "before it is woken":
                recorder.log("info", "one")
                assert reached.wait(PATIENCE_S)
            recorder.log("info", "two")

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    if moment != "before it is woken":
        until(recorder._ended.is_set, what="it is asked to end")
    goes_on.set()
    worker.join(PATIENCE_S)
    assert not worker.is_alive(), "its job waits for ever"
    told = [row["message"] for row in mongo.run_logs.find({"run_id": run["_id"]}).sort("_id", 1)]
    assert told == (["two"] if moment == "before it is woken" else ["one", "two"])


@pytest.mark.parametrize("moves", [False, True])
def test_a_deadline_that_moves_while_its_job_looks_at_it_is_looked_at_again_at_once(
    run: Any, mongo: Any, moves: bool
) -> None:
    """A job that is running cannot be woken, so what moved meanwhile is asked for once it is queued again."""
    from kubeorch.jobs import queue
    from kubeorch.jobs.context import JobContext, Snooze, clock_s
    from workflows.runs import scheduling
    from workflows.runs.jobs import fail_overdue

    later = now() + timedelta(hours=1)
    mongo.runs.update_one({"_id": run["_id"]}, {"$set": {"state": "verifying", "deadline_at": later}})
    queue.enqueue(scheduling.DEADLINE_JOB, {"run_id": str(run["_id"])}, key=str(run["_id"]))
    job = queue.claim("me", [scheduling.DEADLINE_JOB])
    assert job is not None
    with pytest.raises(Snooze) as asked:
        fail_overdue(JobContext(job, lambda: False, clock_s()))
    assert asked.value.delay_s > 3000
    assert asked.value.then is not None
    if moves:
        mongo.runs.update_one({"_id": run["_id"]}, {"$set": {"deadline_at": now() + timedelta(seconds=5)}})
        scheduling.wake_deadline(run)
    queue.snooze(job, delay_s=asked.value.delay_s)
    assert queue.claim("me", [scheduling.DEADLINE_JOB]) is None
    asked.value.then()
    assert (queue.claim("me", [scheduling.DEADLINE_JOB]) is not None) is moves
