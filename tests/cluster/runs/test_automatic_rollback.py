"""A run that fails is rolled back by itself where its environment asks for that, once, and before all that waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from tests.cluster.runs.test_rollback import same_decisions, set_variables, stored, web
from tests.support.runs import Bench, observe
from tests.support.wait import until
from tests.support.watching import Watching, watching
from tests.support.workflows import a_config_map, a_manifest, a_node


@pytest.fixture
def watcher(cluster: str) -> Iterator[Watching]:
    with watching(ObjectId(cluster)) as running:
        yield running


@pytest.fixture
def safe(bench: Bench) -> Bench:
    """A bench whose environment rolls back by itself."""
    answer = bench.person.patch(f"environments/{bench.environment['id']}", {"auto_rollback": True})
    assert (answer.status, answer.body["auto_rollback"]) == (200, True), answer.body
    return bench


def environment_of(bench: Bench) -> dict[str, Any]:
    return dict(bench.person.get(f"environments/{bench.environment['id']}").body)


def runs_of(bench: Bench) -> list[dict[str, Any]]:
    """All runs, the first one first."""
    return list(bench.person.get(f"workflows/{bench.workflow['id']}/runs?sort=number").body["results"])


def rollback_of(bench: Bench, failed: dict[str, Any]) -> dict[str, Any]:
    """The run that follows a failed one."""

    def by() -> Any:
        return bench.run(failed)["rolled_back_by"]

    return bench.run(dict(until(by, what=f"run {failed['number']} is rolled back")))


def see(bench: Bench, health: str, reason: str = "") -> None:
    """Show every applied object like this, as a watcher would."""
    from workflows.runs.outcome import settle_from_health

    observe(bench.environment["id"], health, reason)
    settle_from_health(ObjectId(bench.environment["id"]))


def by_nobody(bench: Bench) -> Any:
    """A run that a webhook starts."""
    from workflows.runs.actions import start_run

    workflow_id = ObjectId(bench.workflow["id"])
    return start_run(bench.person.principal, workflow_id, bench.environment["id"], triggered_by="webhook")


def test_a_release_that_never_becomes_ready_is_rolled_back_while_the_old_pods_serve(
    safe: Bench, watcher: Watching
) -> None:
    """Scenario 14: its time is spent in full, and the rollback has time of its own."""
    from workflows.runs.actions import VersionQuarantined

    set_variables(safe, GREETING="hello")
    safe.draw(web("1.27"), a_config_map("conf"))
    first = safe.until(safe.start(), "succeeded")
    serving = pods(safe)
    set_variables(safe, GREETING="changed")
    bad = web("1.28")
    bad["patch"] = bad["patch"].replace("nginx:1.28", "fail.kubeorch.dev/notready:1")
    safe.draw(bad, a_config_map("conf", a="2"), a_config_map("added"))
    run = safe.start(deadline_s=5)
    seen: set[int] = set()

    def is_over() -> bool:
        status = safe.get("apps/v1", "Deployment", "web")["status"]
        seen.add(status.get("availableReplicas", 0))
        return bool(safe.run(run)["state"] == "rolled_back")

    until(is_over, what="the run is rolled back")

    ended, back = safe.run(run), rollback_of(safe, run)
    assert min(seen) >= 1, "old pods were available throughout"
    assert serving <= pods(safe), "and they are the same ones"
    assert ended["error"]["code"] == "run.deadline", "why it failed is kept"
    assert (back["kind"], back["triggered_by"], back["state"]) == ("rollback", "rollback", "succeeded")
    assert back["options"]["deadline_s"] == 600, "its own time"
    assert (back["to_run"]["id"], back["rolled_back_from"]["id"]) == (first["id"], run["id"])
    assert same_decisions(safe.get("apps/v1", "Deployment", "web"), stored(first))
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}
    assert safe.owned() == ["ConfigMap/conf", "Deployment/web"], "what it added is gone"
    assert environment_of(safe)["deployed"]["version"] == first["version"]

    [held] = environment_of(safe)["quarantined"]
    assert (held["version"], held["run"]["id"]) == (run["version"], run["id"])
    assert held["reason"] == ended["error"]["detail"]
    with pytest.raises(VersionQuarantined):
        by_nobody(safe)
    saved = safe.person.post(f"workflows/{safe.workflow['id']}/versions", {"name": "the same under another number"})
    assert saved.status == 201, saved.body
    with pytest.raises(VersionQuarantined):
        by_nobody(safe)
    path = f"environments/{safe.environment['id']}/quarantine/{run['version']}"
    assert safe.person.delete(path).status == 204
    assert safe.person.delete(path).status == 404
    assert safe.person.delete(f"environments/{safe.environment['id']}/quarantine/{10**30}").status == 404
    assert environment_of(safe)["quarantined"] == []
    assert by_nobody(safe)["triggered_by"] == "webhook"


def pods(bench: Bench) -> set[str]:
    """The uids of the pods that are ready."""
    found = bench.plane.list("v1", "Pod", bench.namespace)
    return {
        pod["metadata"]["uid"]
        for pod in found
        if any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))
    }


def test_the_first_run_of_an_environment_just_fails(safe: Bench) -> None:
    """Scenario 15."""
    safe.draw(a_node("web"))
    run = safe.until(safe.start(), "verifying")
    see(safe, "failed", "it crashes")
    ended = safe.run(run)
    assert (ended["state"], ended["error"]["code"], ended["rolled_back_by"]) == ("failed", "run.unhealthy", None)
    assert len(runs_of(safe)) == 1
    assert environment_of(safe)["quarantined"] == []


def test_a_rollback_comes_before_what_people_started_and_runs_that_nobody_started_give_way(safe: Bench) -> None:
    safe.draw(a_config_map("conf"))
    safe.applied()
    safe.draw(a_config_map("conf", a="2"), a_config_map("added"))
    bad = safe.until(safe.start(), "verifying")
    safe.draw(a_config_map("conf", a="3"))
    waiting = safe.start()
    automatic = by_nobody(safe)
    see(safe, "failed", "it crashes")

    back = rollback_of(safe, bad)
    assert safe.run({"id": str(automatic["_id"])})["error"]["code"] == "run.gave_way"
    safe.until(back, "verifying")
    assert safe.run(waiting)["state"] == "queued"
    assert environment_of(safe)["active_run"]["id"] == back["id"]
    assert safe.get("v1", "ConfigMap", "added") is None
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}
    see(safe, "healthy")
    safe.until(back, "succeeded")
    assert safe.run(bad)["state"] == "rolled_back"
    assert safe.until(waiting, "verifying")["number"] == 3
    see(safe, "healthy")
    safe.until(waiting, "succeeded")
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"a": "3"}, "its writes count as the later ones"
    assert safe.owned() == ["ConfigMap/conf"]
    assert safe.person.post(f"runs/{bad['id']}/retry").status == 409


def test_a_run_that_breaks_off_on_its_way_is_rolled_back(safe: Bench) -> None:
    safe.draw(a_config_map("conf"))
    first = safe.applied()
    broken = a_manifest("odd", apiVersion="nobody.example/v1", kind="Nothing")
    safe.draw(a_config_map("conf", a="2"), a_config_map("added"), broken)
    run = safe.start()
    back = safe.until(rollback_of(safe, run), "verifying")
    see(safe, "healthy")
    safe.until(back, "succeeded")
    ended = safe.run(run)
    assert (ended["state"], ended["error"]["node_id"]) == ("rolled_back", "odd")
    assert back["to_run"]["id"] == first["id"]
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}
    assert safe.owned() == ["ConfigMap/conf"]


def test_what_a_killed_worker_wrote_and_the_next_one_found_unchanged_is_rolled_back(safe: Bench, mongo: Any) -> None:
    safe.draw(a_config_map("conf", a="1"))
    safe.applied()
    safe.draw(a_config_map("conf", a="2"))
    run = safe.until(safe.start(), "verifying")
    as_the_next_worker_finds_it = {"attempt": 2, "counts.changed": 0, "counts.done": 0, "counts.unchanged": 1}
    mongo.runs.update_one({"_id": ObjectId(run["id"])}, {"$set": as_the_next_worker_finds_it})
    see(safe, "failed", "it crashes")
    safe.until(rollback_of(safe, run), "verifying")
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"a": "1"}


def test_a_rollback_that_fails_is_told_on_both_runs_and_not_followed_by_another(safe: Bench) -> None:
    safe.draw(a_config_map("conf"))
    safe.applied()
    safe.draw(a_config_map("conf", a="2"))
    run = safe.until(safe.start(), "verifying")
    see(safe, "failed", "it crashes")
    back = safe.until(rollback_of(safe, run), "verifying")
    see(safe, "failed", "it crashes still")

    assert safe.until(back, "failed")["error"]["code"] == "run.unhealthy"
    ended = safe.run(run)
    assert (ended["state"], ended["error"]["code"]) == ("failed", "run.unhealthy")
    assert "it crashes" in ended["error"]["detail"]
    assert f"Its rollback, run {back['number']}, failed too" in ended["error"]["detail"]
    assert "it crashes still" in ended["error"]["detail"]
    assert len(runs_of(safe)) == 3, "no rollback of a rollback"
    assert [one["version"] for one in environment_of(safe)["quarantined"]] == [run["version"]]

    assert safe.person.post(f"runs/{back['id']}/retry").status == 202
    safe.until(back, "verifying")
    see(safe, "healthy")
    safe.until(back, "succeeded")
    ended = safe.run(run)
    assert (ended["state"], ended["error"]["detail"]) == ("rolled_back", "ConfigMap conf failed: it crashes")


def test_a_run_ends_and_says_why_where_its_rollback_cannot_be_started(safe: Bench, mongo: Any) -> None:
    safe.draw(a_config_map("conf"))
    safe.applied()
    safe.draw(a_config_map("conf", a="2"))
    run = safe.until(safe.start(), "verifying")
    mongo.release_manifests.delete_many({})
    see(safe, "failed", "it crashes")
    assert (safe.run(run)["state"], safe.run(run)["rolled_back_by"]) == ("failed", None)
    lines = [row["message"] for row in safe.person.get(f"runs/{run['id']}/logs").body["results"]]
    assert any("not rolled back: what run 1 applied is not stored any more" in line for line in lines), lines
    assert environment_of(safe)["active_run"] is None


def test_nothing_is_rolled_back_that_a_person_canceled_that_changed_nothing_or_where_it_is_not_asked_for(
    safe: Bench,
) -> None:
    safe.draw(a_config_map("conf"))
    safe.applied()

    safe.draw(a_config_map("conf", a="2"))
    run = safe.until(safe.start(), "verifying")
    assert safe.person.post(f"runs/{run['id']}/cancel").body["state"] == "canceled"
    assert safe.run(run)["rolled_back_by"] is None

    safe.draw(a_config_map("conf"))
    safe.applied()
    again = safe.until(safe.start(), "verifying", "succeeded")
    if again["state"] == "verifying":
        see(safe, "failed", "it crashes")
        assert safe.run(again)["rolled_back_by"] is None, "the last that succeeded applied just the same"

    safe.person.patch(f"environments/{safe.environment['id']}", {"auto_rollback": False})
    safe.draw(a_config_map("conf", a="4"))
    run = safe.until(safe.start(), "verifying")
    see(safe, "failed", "it crashes")
    assert (safe.run(run)["state"], safe.run(run)["rolled_back_by"]) == ("failed", None)
    assert {run["kind"] for run in runs_of(safe)} == {"apply"}


def test_a_field_that_we_manage_beside_others_is_taken_back_and_one_of_theirs_alone_is_not(
    safe: Bench, watcher: Watching
) -> None:
    failing = a_node("migrate", kind="job", image="fail.kubeorch.dev/exit:1", backoff_limit=0)
    safe.draw(a_config_map("conf", mode="calm"))
    safe.until(safe.start(), "succeeded")
    path = f"/api/v1/namespaces/{safe.namespace}/configmaps/conf?fieldManager=kubectl"
    status, _ = safe.plane.call(
        "PATCH", path, b'{"data":{"mode":"busy","theirs":"1"}}', content_type="application/merge-patch+json"
    )
    assert status == 200
    safe.draw(a_config_map("conf", mode="busy"), failing)  # adopted: both manage it now
    failed = safe.until(safe.start(), "failed", "rolled_back")
    back = safe.until(rollback_of(safe, failed), "succeeded", "failed")
    assert back["state"] == "succeeded", back["error"]
    assert safe.get("v1", "ConfigMap", "conf")["data"] == {"mode": "calm", "theirs": "1"}
    lines = [row["message"] for row in safe.person.get(f"runs/{back['id']}/logs").body["results"]]
    assert any("took fields back" in line and "kubectl manages .data.mode" in line for line in lines), lines
