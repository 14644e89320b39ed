"""Triggers on a real cluster: each plans first, and runs only what nobody needs to look at."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.support.people import call
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node


def called(bench: Bench, path: str, before: Any = None) -> dict[str, Any]:
    """What came of a call of the webhook."""
    assert call("POST", path, b"{}").status == 202

    def last() -> Any:
        [trigger] = bench.person.get(f"environments/{bench.environment['id']}/triggers").body["results"]
        return trigger["last"] if trigger["last"] != before else None

    return dict(until(last, what="the trigger has fired"))


def test_a_trigger_plans_and_runs_or_is_held_with_the_reason(bench: Bench) -> None:
    made = bench.person.post(f"environments/{bench.environment['id']}/triggers", {"type": "webhook"}).body
    bench.draw(*(a_config_map(f"c{number}") for number in range(12)), a_node("web", replicas=1))
    last = called(bench, made["path"])
    assert (last["outcome"], last["reason"]) == ("run", "")
    run = bench.until(last["run"], "verifying", "succeeded")
    assert (run["triggered_by"], run["plan"]["id"]) == ("webhook", last["plan"])
    bench.see_all_healthy()
    bench.until(run, "succeeded")

    bench.draw(a_node("web", replicas=1))
    held = called(bench, made["path"], last)
    assert (held["outcome"], held["run"]) == ("held", None)
    assert "the run would delete 12 objects, more than the 10" in held["reason"]
    assert len(bench.owned()) == 13

    bench.draw(*(a_config_map(f"c{number}") for number in range(12)), a_node("web", replicas=2))
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl"
    bench.plane.call("PATCH", path, b'{"spec":{"replicas":5}}', content_type="application/merge-patch+json")
    foreign = called(bench, made["path"], held)
    assert foreign["outcome"] == "held"
    assert "meets fields or objects of others at Deployment web" in foreign["reason"]
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 5


def test_a_trigger_deletes_only_where_it_may(bench: Bench) -> None:
    triggers = f"environments/{bench.environment['id']}/triggers"
    made = bench.person.post(triggers, {"type": "webhook", "name": "pipeline"}).body
    assert (made["deploys"], made["may_delete"]) == ("saved", False)
    bench.draw(a_config_map("conf"), a_config_map("old"))
    bench.applied()
    bench.draw(a_config_map("conf"))
    held = called(bench, made["path"])
    assert (held["outcome"], held["run"]) == ("held", None)
    assert "would delete ConfigMap old, and this trigger may delete nothing" in held["reason"]
    assert bench.owned() == ["ConfigMap/conf", "ConfigMap/old"]
    assert bench.person.patch(f"triggers/{made['id']}", {"may_delete": True}).body["may_delete"] is True
    last = called(bench, made["path"], held)
    run = bench.until(last["run"], "verifying", "succeeded")
    assert (run["counts"]["deleted"], run["trigger_name"]) == (1, "pipeline")


def test_what_a_person_has_deployed_is_deployed_and_not_what_is_being_drawn(bench: Bench) -> None:
    triggers = f"environments/{bench.environment['id']}/triggers"
    schedule = bench.person.post(triggers, {"type": "schedule", "cron": "0 0 1 1 *"}).body
    assert (schedule["deploys"], schedule["may_delete"]) == ("deployed", False), "as long as nobody says otherwise"
    assert bench.person.delete(f"triggers/{schedule['id']}").status == 204
    made = bench.person.post(triggers, {"type": "webhook", "deploys": "deployed"}).body
    bench.draw(a_config_map("conf", a="1"), a_config_map("old"))
    held = called(bench, made["path"])
    assert "nobody has deployed a version here yet" in held["reason"]
    deployed = bench.applied()
    bench.draw(a_config_map("conf", a="half"))
    last = called(bench, made["path"], held)
    run = bench.until(last["run"], "verifying", "succeeded")
    assert (run["version"], run["counts"]["unchanged"]) == (deployed["version"], 2)
    bench.see_all_healthy()
    bench.until(run, "succeeded")
    mine = bench.applied(confirm_deletions=1)
    last = called(bench, made["path"], last)
    assert bench.until(last["run"], "verifying", "succeeded")["version"] == mine["version"]


def test_what_was_undeployed_is_not_brought_back_by_a_trigger_before_somebody_runs_it(bench: Bench) -> None:
    made = bench.person.post(f"environments/{bench.environment['id']}/triggers", {"type": "webhook"}).body
    bench.draw(a_config_map("conf"))
    bench.applied()
    bench.until(bench.start(kind="destroy"), "succeeded")
    held = called(bench, made["path"])
    assert (held["outcome"], held["run"]) == ("held", None)
    assert "was undeployed" in held["reason"]
    assert bench.owned() == []
    bench.applied()
    assert called(bench, made["path"], held)["outcome"] == "run"


def test_a_cluster_that_cannot_be_asked_is_told_as_a_failure(bench: Bench, mongo: Any) -> None:
    from bson import ObjectId

    from workflows.triggers import jobs

    made = bench.person.post(f"environments/{bench.environment['id']}/triggers", {"type": "webhook"}).body

    job = SimpleNamespace(payload={"trigger_id": made["id"], "call": "call:x"})
    reason = {"code": "cluster.unreachable", "detail": "the cluster does not answer"}
    jobs.give_up(job, reason)  # type: ignore[arg-type]
    row = mongo.triggers.find_one({"_id": ObjectId(made["id"])})
    assert (row["last"]["outcome"], row["last"]["reason"]) == ("failed", "the cluster does not answer")
