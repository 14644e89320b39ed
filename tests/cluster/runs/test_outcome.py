"""How a run ends once everything is applied: by health, by its deadline, or by the run behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.runs import Bench, observation, observe, record
from tests.support.workflows import a_config_map, a_node


def test_an_object_that_cannot_become_healthy_fails_the_run_at_once(bench: Bench) -> None:
    from workflows.runs.outcome import settle_from_health

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    environment_id = ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "progressing")
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "verifying"
    observe(bench.environment["id"], "failed", "exceeded its progress deadline")
    settle_from_health(environment_id)
    ended = bench.run(run)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "run.unhealthy")
    assert "Deployment web" in ended["error"]["detail"]
    assert "progress deadline" in ended["error"]["detail"]


def test_an_outdated_observation_does_not_settle_a_run(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import settle_from_health

    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(), "verifying")
    environment_id = ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "progressing")
    for wrong in ({"resourceVersion": "1"}, {"uid": "another"}):
        observe(bench.environment["id"], "healthy", **wrong)
        settle_from_health(environment_id)
        assert bench.run(run)["state"] == "verifying", wrong
    record(bench.environment["id"], observation(bench.environment["id"], "healthy"), stale_since=now())
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "verifying", "stale"
    observe(bench.environment["id"], "healthy")
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "succeeded"


def test_a_run_that_is_not_healthy_in_time_fails_with_the_reason(bench: Bench) -> None:
    bench.draw(a_node("web"))
    run = bench.until(bench.start(deadline_s=5), "verifying")
    ended = bench.until(run, "failed")
    assert ended["error"]["code"] == "run.unobserved"
    assert "no watcher" in ended["error"]["detail"]


def test_a_retried_run_gets_a_full_deadline_and_a_duration_of_its_own(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import fail_at_deadline, settle_from_health

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    run_id, environment_id = ObjectId(run["id"]), ObjectId(bench.environment["id"])
    observe(bench.environment["id"], "failed", "the rollout exceeded its progress deadline")
    settle_from_health(environment_id)
    mongo.runs.update_one({"_id": run_id}, {"$set": {"started_at": now() - timedelta(minutes=14)}})
    failed = bench.run(run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "run.unhealthy")
    assert failed["duration_s"] > 800

    queued = bench.person.post(f"runs/{run['id']}/retry").body
    assert (queued["started_at"], queued["finished_at"], queued["deadline_at"]) == (None, None, None)
    again = bench.until(run, "verifying")
    assert again["started_at"] > failed["finished_at"]
    assert again["deadline_at"] > run["deadline_at"]
    settle_from_health(environment_id)
    assert bench.run(run)["state"] == "verifying", "what had failed may recover"
    assert fail_at_deadline(run_id) > 500, "a judge that was asked for the first time comes too soon"
    assert bench.run(run)["state"] == "verifying"
    bench.see_all_healthy()
    assert bench.until(run, "succeeded")["duration_s"] < 60


def test_a_retried_run_that_stays_unhealthy_fails_at_its_new_deadline(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "failed", "the rollout exceeded its progress deadline")
    assert bench.person.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    bench.until(run, "verifying")
    a_watcher = {"_id": f"watcher:{ObjectId(bench.environment['cluster']['id'])}"}
    mongo.leases.insert_one({**a_watcher, "until": now() + timedelta(minutes=1)})
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"deadline_at": now()}})
    assert fail_at_deadline(ObjectId(run["id"])) == 0
    failed = bench.run(run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "run.deadline")
    assert "Deployment web: the rollout exceeded its progress deadline" in failed["error"]["detail"]


def test_a_retried_run_whose_job_failed_for_good_fails_at_once(bench: Bench) -> None:
    from workflows.runs.outcome import settle_from_health

    bench.draw(a_node("migrate", kind="job", image="busybox:1"))
    run = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "failed", "the job failed")
    settle_from_health(ObjectId(bench.environment["id"]))
    bench.until(run, "failed")
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    assert bench.until(run, "failed")["error"]["code"] == "run.unhealthy"


def test_an_unhealthy_run_is_superseded_by_the_next_one(bench: Bench, mongo: Any) -> None:
    bench.draw(a_config_map("conf"))
    first = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "degraded")
    a_while_ago = now() - timedelta(seconds=30)
    mongo.runs.update_one({"_id": ObjectId(first["id"])}, {"$set": {"applied_at": a_while_ago}})
    second = bench.until(bench.start(), "verifying")
    ended = bench.run(first)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "run.superseded")
    assert f"run {second['number']} took over" in ended["error"]["detail"]
