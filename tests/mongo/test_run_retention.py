"""Old runs are removed with their steps and logs, and a run's log is bounded; what somebody still needs stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture
def environment(anna: Person, workflow: dict[str, Any]) -> dict[str, Any]:
    return an_environment(anna, workflow, a_cluster(anna.team_id))


def ended(anna: Person, workflow: dict[str, Any], environment: dict[str, Any], mongo: Any) -> ObjectId:
    """A run that was canceled, with a step and a line."""
    run = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]}).body
    assert anna.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    run_id = ObjectId(run["id"])
    mongo.run_steps.insert_one({"run_id": run_id, "index": 0})
    return run_id


def forget() -> None:
    """The job, called as its worker does."""
    from kubeorch.jobs import queue
    from kubeorch.jobs.context import JobContext, Snooze, clock_s
    from workflows.runs import retention

    retention.keep_forgetting()
    retention.keep_forgetting()
    queue.wake(retention.JOB, "all")
    job = queue.claim("me", [retention.JOB])
    assert job is not None
    with pytest.raises(Snooze):
        retention.forget_old_runs(JobContext(job, lambda: False, clock_s()))


def left(mongo: Any) -> dict[str, set[ObjectId]]:
    return {
        "runs": {row["_id"] for row in mongo.runs.find({}, {"_id": 1})},
        "steps": {row["run_id"] for row in mongo.run_steps.find({})},
        "lines": {row["run_id"] for row in mongo.run_logs.find({})},
    }


def test_only_the_newest_runs_of_a_workflow_are_kept_and_the_workflow_says_how_many_were_removed(
    anna: Person, workflow: Any, environment: Any, mongo: Any, settings: Any
) -> None:
    settings.MAX_RUNS = 2
    other = a_workflow(anna, a_node("web"))
    elsewhere = an_environment(anna, other, environment["cluster"]["id"], "other")
    theirs = ended(anna, other, elsewhere, mongo)
    runs = [ended(anna, workflow, environment, mongo) for _ in range(5)]

    forget()

    assert left(mongo) == {name: {theirs, *runs[3:]} for name in ("runs", "steps", "lines")}
    page = anna.get(f"workflows/{workflow['id']}/runs").body
    assert [run["number"] for run in page["results"]] == [5, 4]
    assert anna.get(f"workflows/{workflow['id']}").body["removed_runs"] == 3
    assert anna.get(f"workflows/{other['id']}").body["removed_runs"] == 0
    assert anna.get(f"runs/{runs[0]}").status == 404


def test_the_last_run_of_an_environment_the_deployed_one_and_open_ones_stay(
    anna: Person, workflow: Any, environment: Any, mongo: Any, settings: Any
) -> None:
    settings.MAX_RUNS = 1
    second = an_environment(anna, workflow, environment["cluster"]["id"], "second", "second")
    deployed = ended(anna, workflow, environment, mongo)
    last_of_second = ended(anna, workflow, second, mongo)
    dropped = ended(anna, workflow, environment, mongo)
    waiting = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]}).body
    behind = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]}).body
    mongo.environments.update_one(
        {"_id": ObjectId(environment["id"])},
        {"$set": {"deployed": {"version": 1, "content": "", "run_id": deployed, "at": None}}},
    )

    forget()

    assert left(mongo)["runs"] == {deployed, last_of_second, ObjectId(waiting["id"]), ObjectId(behind["id"])}
    assert dropped not in left(mongo)["steps"]


def test_runs_are_removed_some_days_after_their_end(
    anna: Person, workflow: Any, environment: Any, mongo: Any, settings: Any
) -> None:
    from kubeorch.base.clock import now

    settings.RUN_DAYS = 30
    runs = [ended(anna, workflow, environment, mongo) for _ in range(3)]
    for run_id, days in zip(runs, (31, 29, 300), strict=True):
        mongo.runs.update_one({"_id": run_id}, {"$set": {"finished_at": now() - timedelta(days=days)}})

    forget()

    assert left(mongo)["runs"] == {runs[1], runs[2]}, "the last run stays, however old it is"


def test_the_log_of_a_run_is_full_at_some_count_and_says_so_and_keeps_errors(
    mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubeorch.base.clock import now
    from workflows.runs import log_store

    monkeypatch.setattr(log_store, "LINES_MAX", 5)
    monkeypatch.setattr(log_store, "ERRORS_MAX", 2)
    run_id = ObjectId()
    for number in range(3):
        log_store.add_all([log_store.line(run_id, now(), "info", f"line {number}.{each}") for each in range(3)])
    for number in range(4):
        log_store.add(run_id, "error", f"error {number}")

    told = [row["message"] for row in mongo.run_logs.find({"run_id": run_id}).sort("_id", 1)]
    assert told == ["line 0.0", "line 0.1", "line 0.2", "line 1.0", log_store.FULL, "error 0", "error 1"]


def test_the_log_of_a_run_is_full_at_some_bytes(mongo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workflows.runs import log_store

    monkeypatch.setattr(log_store, "BYTES_MAX", 1000)
    run_id = ObjectId()
    for _ in range(6):
        log_store.add(run_id, "info", "ä" * 200)
    log_store.add(run_id, "error", "the end")

    told = [row["message"] for row in mongo.run_logs.find({"run_id": run_id}).sort("_id", 1)]
    assert told == ["ä" * 200] * 3 + [log_store.FULL, "the end"]


def test_lines_of_two_processes_in_one_second_stand_in_the_order_in_which_they_were_written(mongo: Any) -> None:
    from kubeorch.base.clock import now
    from workflows.runs import log_store

    run_id = ObjectId()
    of_another_process = ObjectId(ObjectId().binary[:4] + b"\xff" * 5 + ObjectId().binary[9:])
    mongo.run_logs.insert_one({"_id": of_another_process, **log_store.line(run_id, now(), "info", "first")})
    for number in range(3):
        log_store.add(run_id, "info", f"line {number}")
    log_store.add_all([log_store.line(run_id, now(), "info", name) for name in ("one", "two")])

    assert [row["message"] for _, row in log_store.last_lines(run_id, 10)] == [
        *("first", "line 0", "line 1", "line 2"),
        *("one", "two"),
    ]
