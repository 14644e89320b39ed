"""What is written of a run before it changes the cluster for the first time."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.runs import Bench, states
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_config_map, an_edge


def test_that_a_step_has_begun_is_written_before_the_first_request_that_changes_the_cluster(
    person: Person, control_plane: ControlPlane, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a run whose worker was killed goes by it. The first step finds its object as it should be."""
    from clusters import actions

    proxy = AuditProxy(control_plane.kubeconfig)
    try:
        cluster = str(actions.register_sandbox(proxy.kubeconfig))
        bench = Bench(person, cluster, control_plane, control_plane.namespace("begun"))
        bench.draw(a_config_map("same"))
        bench.person.post(f"runs/{bench.until(bench.start(), 'verifying')['id']}/cancel")
        bench.draw(a_config_map("same"), a_config_map("other"), edges=(an_edge("other", "same", "after"),))
        monkeypatch.setattr("workflows.runs.recorder.BATCH_S", 2 * PATIENCE_S)
        with proxy.hold("other") as hold:
            run = bench.start()
            assert hold.reached.wait(PATIENCE_S)
            written = mongo.run_steps.find_one({"run_id": ObjectId(run["id"]), "node_id": "other"})
        ended = bench.until(run, "verifying")
    finally:
        proxy.stop()
    assert (written["state"], bool(written["started_at"])) == ("running", True)
    assert states(ended) == {"same": "unchanged", "other": "done"}


def test_what_cannot_be_written_keeps_each_request_from_the_cluster(bench: Bench, mongo: Any) -> None:
    from kubeorch.jobs.queue import LeaseLost
    from workflows.runs.recorder import RunRecorder
    from workflows.runs.states import StepState

    bench.draw(a_config_map("one"), a_config_map("two"))
    run_id = ObjectId(bench.until(bench.start(), "verifying")["id"])
    until(lambda: mongo.jobs.count_documents({"type": "workflows.run", "state": "succeeded"}) == 1)
    run, steps = mongo.runs.find_one({"_id": run_id}), list(mongo.run_steps.find({"run_id": run_id}))
    recorder = RunRecorder({**run, "fence": 0}, steps)
    recorder.step(0, StepState.RUNNING)
    for _ in range(2):  # the second has nothing left to write
        with pytest.raises(LeaseLost):
            recorder.begin()


def test_the_end_of_the_record_is_written_together_with_the_wait_for_health(
    bench: Bench, mongo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workflows.runs import store as run_store

    bench.draw(a_config_map("one"), a_config_map("two"))
    bench.person.post(f"runs/{bench.until(bench.start(), 'verifying')['id']}/cancel")
    monkeypatch.setattr("workflows.runs.recorder.BATCH_S", 2 * PATIENCE_S)
    monkeypatch.setattr(run_store, "set_counts", None)  # nothing is written before
    run = bench.until(bench.start(), "verifying")
    assert states(run) == {"one": "unchanged", "two": "unchanged"}
    assert run["counts"]["unchanged"] == 2
    topic = mongo.events.find({"topic": f"run:{run['id']}"}).sort("_id", 1)
    said = [(one["key"], one["data"]["state"]) for one in topic]
    assert said[-3:] == [("step:0", "unchanged"), ("step:1", "unchanged"), ("run", "verifying")]
