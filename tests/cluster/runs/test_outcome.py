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
    ended = bench.until(bench.start(deadline_s=5), "failed")
    assert ended["error"]["code"] == "run.unobserved"
    assert "no watcher" in ended["error"]["detail"]
    assert _at_end(ended) == {"web": ("unknown", "no watcher is watching the cluster")}


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
    assert bench.until(run, "succeeded")["duration_s"] < failed["duration_s"]


def test_a_retried_run_that_stays_unhealthy_fails_at_its_new_deadline(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    assert bench.person.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    observe(bench.environment["id"], "failed", "the rollout exceeded its progress deadline")
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    bench.until(run, "verifying")
    a_watcher = {"_id": f"watcher:{ObjectId(bench.environment['cluster']['id'])}"}
    mongo.leases.insert_one({**a_watcher, "until": now() + timedelta(minutes=1)})
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"deadline_at": now()}})
    assert fail_at_deadline(ObjectId(run["id"])) == 0
    failed = bench.run(run)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "run.deadline")
    assert "Deployment web: the rollout exceeded its progress deadline" in failed["error"]["detail"]


def test_a_run_whose_hindrance_passes_as_its_whole_time_ends_still_fails_at_its_deadline(
    bench: Bench, mongo: Any
) -> None:
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(a_node("web"))
    run = bench.until(bench.start(), "verifying")
    observe(bench.environment["id"], "progressing", "1 of 2 ready")
    a_watcher = {"_id": f"watcher:{ObjectId(bench.environment['cluster']['id'])}"}
    mongo.leases.insert_one({**a_watcher, "until": now() + timedelta(minutes=1)})
    applied_at = now() - timedelta(seconds=600)
    early = {"applied_at": applied_at, "deadline_at": applied_at + timedelta(seconds=600), "gives_up_early": True}
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": early})
    assert fail_at_deadline(ObjectId(run["id"])) == 0
    failed = bench.run(run)
    assert (failed["state"], (failed["error"] or {}).get("code")) == ("failed", "run.deadline")


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
    assert (ended["state"], ended["error"]["code"]) == ("superseded", "run.superseded")
    assert f"run {second['number']} took over" in ended["error"]["detail"]


def _see(bench: Bench, **healths: tuple[str, str]) -> None:
    """Record what is applied: `node=(health, reason)`."""
    environment_id = bench.environment["id"]
    record(
        environment_id,
        [
            change
            for node_id, (health, reason) in healths.items()
            for change in observation(environment_id, health, reason)
            if change.key.node_id == node_id
        ],
    )


def _at_end(run: dict[str, Any]) -> dict[str, tuple[str, str] | None]:
    """What each step says of its object's health at the end of the run, by the object's name."""
    found = {step["ref"]["name"]: step["health_at_end"] for step in run["steps"]}
    return {name: None if row is None else (row["health"], row["reason"]) for name, row in found.items()}


def test_a_run_that_ends_says_of_every_object_how_it_was(bench: Bench, mongo: Any) -> None:
    from workflows.runs.outcome import fail_at_deadline

    bench.draw(*(a_config_map(name) for name in ("fine", "slow", "sick", "unseen")))
    run = bench.until(bench.start(), "verifying")
    assert set(_at_end(run).values()) == {None}, "before its end"
    _see(bench, fine=("healthy", ""), slow=("progressing", "1 of 3 ready"), sick=("degraded", "it crashes"))
    a_watcher = {"_id": f"watcher:{ObjectId(bench.environment['cluster']['id'])}"}
    mongo.leases.insert_one({**a_watcher, "until": now() + timedelta(minutes=1)})
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": {"deadline_at": now()}})
    fail_at_deadline(ObjectId(run["id"]))
    expected = {
        "fine": ("healthy", "healthy"),
        "slow": ("progressing", "1 of 3 ready"),
        "sick": ("degraded", "it crashes"),
        "unseen": ("unknown", "the run ended before it was observed as it was applied"),
    }
    failed = bench.run(run)
    assert (failed["state"], _at_end(failed)) == ("failed", expected)
    told = {row["key"]: row for row in mongo.events.find({"topic": f"run:{run['id']}"}).sort("_id", 1)}
    assert {
        row["data"]["ref"]["name"]: row["data"]["health_at_end"]["health"]
        for key, row in told.items()
        if key[:5] == "step:"
    } == {name: health for name, (health, _) in expected.items()}, "those who follow the run are told"
    _see(bench, slow=("healthy", ""), sick=("healthy", ""))
    assert _at_end(bench.run(run)) == expected, "what is true later is not what was true at its end"


def test_a_run_that_fails_for_one_object_says_how_the_others_were(bench: Bench) -> None:
    from workflows.runs.outcome import settle_from_health

    bench.draw(a_node("web"), a_node("api"))
    run = bench.until(bench.start(), "verifying")
    _see(bench, web=("failed", "exceeded its progress deadline"), api=("failed", "its image cannot be pulled"))
    settle_from_health(ObjectId(bench.environment["id"]))
    assert _at_end(bench.until(run, "failed")) == {
        "web": ("failed", "exceeded its progress deadline"),
        "api": ("failed", "its image cannot be pulled"),
    }


def test_a_run_that_is_canceled_or_succeeds_says_it_too_and_one_that_is_tried_again_starts_anew(
    bench: Bench, mongo: Any
) -> None:
    bench.draw(a_config_map("conf"))
    run = bench.until(bench.start(), "verifying")
    _see(bench, conf=("progressing", "on its way"))
    assert bench.person.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    assert _at_end(bench.run(run)) == {"conf": ("progressing", "on its way")}
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    assert _at_end(bench.until(run, "verifying")) == {"conf": None}
    told = mongo.events.find_one({"topic": f"run:{run['id']}", "key": "step:0"}, sort=[("_id", -1)])
    assert told["data"]["health_at_end"] is None, "those who follow the run are told"
    bench.see_all_healthy()
    assert _at_end(bench.until(run, "succeeded")) == {"conf": ("healthy", "healthy")}


def test_a_run_that_fails_while_it_applies_says_how_the_objects_were_that_it_had_applied(bench: Bench) -> None:
    bench.draw(a_config_map("first"), a_config_map("taken"))
    theirs = {"name": "taken", "namespace": bench.namespace}
    bench.plane.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": theirs})
    run = bench.until(bench.start(), "failed")
    assert _at_end(run) == {
        "first": ("unknown", "the run ended before it was observed as it was applied"),
        "taken": None,
    }
