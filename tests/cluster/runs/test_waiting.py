"""What waits for a Job or for the health of another node is applied only then, and never where that fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.runs import Bench, observe, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node, an_edge

MIGRATE = a_node("migrate", kind="job", image="example/migrate:1")
API = a_node("api")
EDGE = an_edge("api", "migrate", "after_completion")


def see(bench: Bench, health: str, reason: str = "") -> None:
    """As the watcher tells how everything is that was applied so far."""
    from workflows.runs.outcome import settle_from_health

    observe(bench.environment["id"], health, reason)
    settle_from_health(ObjectId(bench.environment["id"]))


def waiting(bench: Bench, mongo: Any, **options: Any) -> dict[str, Any]:
    """A run that has applied the Job, with everything else in its time, and waits for it."""
    bench.draw(MIGRATE, API, a_config_map("conf"), edges=(EDGE,))
    run = bench.start(**options)
    until(lambda: mongo.runs.find_one({"_id": ObjectId(run["id"])}).get("awaits") == ["migrate"])
    until(lambda: mongo.jobs.find_one({"payload.run_id": run["id"]})["state"] == "queued", what="no worker is held")
    return run


def lines(bench: Bench, run: dict[str, Any]) -> list[str]:
    return [row["message"] for row in bench.person.get(f"runs/{run['id']}/logs").body["results"]]


def test_what_waits_for_a_job_is_applied_once_that_has_completed(bench: Bench, mongo: Any) -> None:
    run = waiting(bench, mongo)
    shown = bench.run(run)
    assert (shown["state"], states(shown)) == ("applying", {"conf": "done", "migrate": "done", "api": "pending"})
    [step] = [one for one in shown["steps"] if one["node_id"] == "api"]
    assert step["waits_for"].startswith("waits for Job migrate: ")
    see(bench, "progressing", "running, 0 of 1 done")
    see(bench, "suspended", "suspended")
    assert bench.get("apps/v1", "Deployment", "api") is None
    see(bench, "healthy")
    applied = bench.until(run, "verifying")
    assert states(applied) == {"conf": "done", "migrate": "done", "api": "done"}
    assert [one["waits_for"] for one in applied["steps"]] == [None, None, None]
    assert lines(bench, run).count("Deployment api waits for Job migrate") == 1
    bench.see_all_healthy()
    bench.until(run, "succeeded")
    again = bench.until(bench.start(), "verifying", "succeeded")
    assert states(again) == {"conf": "unchanged", "migrate": "unchanged", "api": "unchanged"}, (
        "it has completed already"
    )


def test_what_waits_for_a_job_that_fails_is_not_applied_and_the_run_says_so(bench: Bench, mongo: Any) -> None:
    run = waiting(bench, mongo)
    see(bench, "failed", "the job failed: BackoffLimitExceeded")
    failed = bench.until(run, "failed")
    assert states(failed) == {"conf": "done", "migrate": "done", "api": "skipped"}
    assert (failed["error"]["code"], failed["error"]["node_id"]) == ("run.unhealthy", "migrate")
    assert failed["error"]["detail"] == (
        "Job migrate failed: the job failed: BackoffLimitExceeded. Deployment api, which waits for it, was not applied"
    )
    [job] = [one for one in failed["steps"] if one["node_id"] == "migrate"]
    assert job["health_at_end"] == {"health": "failed", "reason": "the job failed: BackoffLimitExceeded"}
    assert bench.get("apps/v1", "Deployment", "api") is None


def test_a_wait_ends_with_the_deadline_of_the_run(bench: Bench, mongo: Any) -> None:
    run = waiting(bench, mongo, deadline_s=5)
    failed = bench.until(run, "failed")
    assert failed["error"]["code"] == "run.unobserved", "nobody watches in this test"
    assert "Job migrate did not complete within 5 s: no watcher" in failed["error"]["detail"]
    assert bench.get("apps/v1", "Deployment", "api") is None


def test_a_run_that_waits_is_canceled_at_once_and_goes_on_when_it_is_tried_again(bench: Bench, mongo: Any) -> None:
    run = waiting(bench, mongo)
    assert bench.person.post(f"runs/{run['id']}/cancel").status == 202
    canceled = bench.until(run, "canceled")
    assert states(canceled) == {"conf": "done", "migrate": "done", "api": "skipped"}
    see(bench, "healthy")
    assert bench.person.post(f"runs/{run['id']}/retry").status == 202
    assert states(bench.until(run, "verifying"))["api"] == "done"


def test_the_health_of_a_node_is_waited_for_as_the_end_of_a_job_is(bench: Bench, mongo: Any) -> None:
    bench.draw(
        a_node("db"),
        API,
        a_node("web"),
        edges=(an_edge("api", "db", "after_health"), an_edge("web", "api", "after_health")),
    )
    run = bench.start()
    for awaited in ("db", "api"):
        until(lambda awaited=awaited: mongo.runs.find_one({"_id": ObjectId(run["id"])}).get("awaits") == [awaited])
        assert bench.get("apps/v1", "Deployment", "web") is None
        see(bench, "healthy")
    bench.until(run, "verifying")


def test_a_run_that_waits_for_what_is_unhealthy_gives_way_to_the_next_one(bench: Bench, mongo: Any) -> None:
    bench.draw(a_node("db"), API, edges=(an_edge("api", "db", "after_health"),))
    run = bench.start()
    run_id = ObjectId(run["id"])
    until(lambda: mongo.runs.find_one({"_id": run_id}).get("awaits") == ["db"])
    see(bench, "degraded", "it crashes")
    bench.draw(a_node("db", image="nginx:1.28"), API, edges=(an_edge("api", "db", "after_health"),))
    fix = bench.start()
    assert bench.run(run)["state"] == "applying", "a rollout may be unhealthy on its way"
    a_while_ago = now() - timedelta(seconds=30)
    mongo.runs.update_one({"_id": run_id}, {"$set": {"started_at": a_while_ago}})
    mongo.inventory.update_many({}, {"$set": {"applied_at": a_while_ago}})
    mongo.jobs.update_one({"payload.run_id": run["id"]}, {"$set": {"run_at": a_while_ago}})
    ended = bench.until(run, "superseded")
    assert (ended["error"]["code"], states(ended)["api"]) == ("run.superseded", "skipped")
    assert f"run {fix['number']} took over while Deployment db was not healthy: it crashes" in ended["error"]["detail"]
    until(lambda: mongo.runs.find_one({"_id": ObjectId(fix["id"])}).get("awaits") == ["db"])
    see(bench, "healthy")
    assert states(bench.until(fix, "verifying")) == {"db": "done", "api": "done"}
