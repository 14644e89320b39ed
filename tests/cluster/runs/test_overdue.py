"""Every run ends: it has a time from its start in which everything must be applied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.audit_proxy import AuditProxy
from tests.support.control_plane import ControlPlane
from tests.support.people import Person
from tests.support.runs import Bench, states
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_config_map, a_held_config_map

LONG_AGO = timedelta(hours=3)


def started_long_ago(mongo: Any, run: dict[str, Any]) -> None:
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"started_at": now() - LONG_AGO}})


def deadline_is_due(mongo: Any, run: dict[str, Any]) -> None:
    mongo.jobs.update_one(
        {"type": "workflows.run_deadline", "payload.run_id": run["id"], "state": "queued"},
        {"$set": {"run_at": now() - timedelta(seconds=1)}},
    )


def test_a_run_that_waits_for_an_object_beyond_its_time_fails(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"), a_held_config_map("held"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    run = bench.start()
    until(lambda: bench.get("v1", "ConfigMap", "held")["metadata"].get("deletionTimestamp"))
    started_long_ago(mongo, run)
    ended = bench.until(run, "failed")
    assert ended["error"]["code"] == "run.overdue"
    assert "not everything was applied within 30 minutes" in ended["error"]["detail"]
    assert states(ended) == {"conf": "unchanged", "held": "skipped"}
    assert "ConfigMap/held" in bench.owned()
    bench.release("held")


def test_a_run_whose_cluster_holds_an_answer_back_is_ended_by_its_deadline(
    person: Person, control_plane: ControlPlane, mongo: Any
) -> None:
    """Its worker waits in a request that no answer ends; the job of the deadline ends the run all the same."""
    from clusters import actions

    proxy = AuditProxy(control_plane.kubeconfig)
    try:
        cluster = str(actions.register_sandbox(proxy.kubeconfig))
        bench = Bench(person, cluster, control_plane, control_plane.namespace("overdue"))
        bench.draw(a_config_map("conf"), a_config_map("other"))
        with proxy.hold("configmaps", reads=True) as hold:
            run = bench.start()
            assert hold.reached.wait(PATIENCE_S)
            started_long_ago(mongo, run)
            deadline_is_due(mongo, run)
            ended = bench.until(run, "failed")
            assert not hold.released.is_set()
        until(lambda: mongo.jobs.count_documents({"state": {"$in": ["queued", "running"]}}) == 0)
    finally:
        proxy.stop()
    assert ended["error"]["code"] == "run.overdue"
    assert proxy.writes == [], "nothing is written once the run has ended"
    again = bench.person.post(f"runs/{run['id']}/retry")
    assert again.status == 202, "its time is counted anew"


def test_the_deadline_of_applying_is_forgotten_once_everything_is_applied(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(deadline_s=5000), "verifying")
    (left,) = mongo.jobs.find({"type": "workflows.run_deadline", "state": "queued"})
    assert left["key"] == run["id"], "the deadline of its health is left"
    started_long_ago(mongo, run)
    bench.see_all_healthy()
    bench.until(run, "succeeded")
    opened: dict[str, Any] = {"state": {"$in": ["queued", "running"]}}
    until(lambda: mongo.jobs.count_documents(opened) == 0, what="no job is left")
