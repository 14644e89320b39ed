"""Protected environments: only plans that another person has approved run there."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.plans import effects, looked_at, made
from tests.support.runs import Bench, states
from tests.support.workflows import a_config_map, a_node


@pytest.fixture
def second(bench: Bench) -> Person:
    """Another operator of the team."""
    return a_user("operator", bench.person.team_id, name="Olga")


def protect(bench: Bench, on: bool = True) -> None:
    answer = bench.person.patch(f"environments/{bench.environment['id']}", {"protected": on})
    assert (answer.status, answer.body["protected"]) == (200, on), answer.body


def approve(person: Person, plan: dict[str, Any], **given: Any) -> Any:
    return person.post(f"plans/{plan['id']}/approve", given)


def refused(answer: Any) -> str:
    assert (answer.status, answer.body["code"]) == (409, "environment.protected"), answer.body
    return str(answer.body["detail"])


def test_only_an_approved_plan_runs_and_who_approved_it_is_kept(bench: Bench, second: Person, mongo: Any) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    protect(bench)
    assert "make a plan, let another operator of the team approve it" in refused(bench.ask())
    plan = made(bench)
    assert plan["approval"] == {"required": True, "state": "none", "by": None, "at": None, "reason": ""}
    refused(bench.ask(plan=plan["id"]))

    own = approve(bench.person, plan)
    assert (own.status, own.body["code"]) == (403, "approval.own_plan")
    editor = a_user("editor", bench.person.team_id)
    assert approve(editor, plan).status == 403

    said = approve(second, plan, reason="looks right")
    assert said.status == 200, said.body
    by = {"id": second.user_id, "name": "Olga"}
    shown = looked_at(bench, plan)["approval"]
    assert shown == said.body["approval"]
    assert {**shown, "at": ""} == {"required": True, "state": "approved", "by": by, "at": "", "reason": "looks right"}
    [row] = mongo.audit.find({"action": "plan.approve"})
    assert (row["actor_id"], row["target"]["hash"]) == (ObjectId(second.user_id), plan["hash"])
    [event] = mongo.events.find({"topic": f"environment:{bench.environment['id']}", "key": f"plan:{plan['id']}"})
    assert (event["data"]["state"], event["data"]["by"], event["rev"]) == ("approved", by, 1)
    status = bench.person.get(f"environments/{bench.environment['id']}/status").body["data"]
    assert status[f"plan:{plan['id']}"]["state"] == "approved"

    run = bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")
    assert run["approval"] == {"by": by, "at": shown["at"]}
    assert run["plan"] == {"id": plan["id"], "hash": plan["hash"]}
    assert bench.get("v1", "ConfigMap", "settings")["data"] == {"mode": "fast"}


def test_an_approval_survives_what_does_not_matter_and_ends_with_the_plan(bench: Bench, second: Person) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    protect(bench)
    bench.draw(a_node("web", replicas=3))
    plan, other = made(bench), made(bench)
    assert approve(second, plan).status == 200
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl"
    merge = "application/merge-patch+json"
    bench.plane.call("PATCH", path, b'{"metadata":{"labels":{"team":"blue"}}}', content_type=merge)
    seen = looked_at(bench, plan)
    assert (seen["still_true"], seen["approval"]["state"]) == (True, "approved")
    bench.plane.call("PATCH", path, b'{"spec":{"replicas":5}}', content_type=merge)
    for answer in (bench.ask(plan=plan["id"]), approve(second, other)):
        assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    fresh = made(bench)
    assert fresh["approval"]["state"] == "none"
    refused(bench.ask(plan=fresh["id"]))


def test_the_last_word_about_a_plan_counts(bench: Bench, second: Person) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    protect(bench)
    plan = made(bench)
    assert approve(second, plan).status == 200
    said = second.post(f"plans/{plan['id']}/refuse", {"reason": "not today"})
    assert (said.status, said.body["approval"]["state"], said.body["approval"]["reason"]) == (
        200,
        "refused",
        "not today",
    )
    assert second.post(f"plans/{plan['id']}/refuse", {}).status == 400
    refused(bench.ask(plan=plan["id"]))


def test_every_way_to_change_a_protected_environment_asks_for_an_approved_plan(bench: Bench, second: Person) -> None:
    broken = a_node("broken", kind="manifest", manifest="apiVersion: v1\nkind: Service\nspec:\n  ports: []\n")
    bench.draw(a_config_map("settings", mode="fast"), broken)
    failed = bench.until(bench.start(), "failed")
    assert states(failed)["settings"] == "done"
    protect(bench)
    workflow, environment = f"workflows/{bench.workflow['id']}", f"environments/{bench.environment['id']}"
    refused(bench.person.post(f"runs/{failed['id']}/retry"))
    assert "takes the protection off first" in refused(bench.ask(kind="destroy"))
    for choice in ("destroy", "keep"):
        refused(bench.person.delete(f"{environment}?objects={choice}"))
        refused(bench.person.delete(f"{workflow}?objects={choice}"))
    refused(bench.person.post(f"{workflow}/archive", {"objects": "destroy"}))
    ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": bench.namespace, "name": "web"}
    assert "to restart its pods" in refused(bench.person.post(f"{environment}/restart", {"refs": [ref]}))
    editor = a_user("editor", bench.person.team_id)
    assert editor.patch(environment, {"protected": False}).status == 403
    assert second.patch(environment, {"protected": False}).status == 200
    assert bench.ask(kind="destroy").status == 202


def test_a_run_that_waits_while_its_environment_is_protected_changes_nothing(bench: Bench, mongo: Any) -> None:
    from tests.support.workflows import a_held_config_map

    bench.draw(a_held_config_map("held"))
    bench.applied()
    bench.draw()
    first = bench.start()
    bench.until(first, "applying")
    bench.draw(a_config_map("late"))
    waiting = bench.start()
    protect(bench)
    bench.release("held")
    ended = bench.until(waiting, "failed")
    assert ended["error"]["code"] == "environment.protected"
    assert bench.get("v1", "ConfigMap", "late") is None


def test_two_people_who_may_change_the_environment_stand_behind_a_run(bench: Bench, second: Person, mongo: Any) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    protect(bench)
    viewer = a_user("viewer", bench.person.team_id, name="Vera")
    answer = viewer.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]})
    if answer.status == 201:  # of a graph that has a version
        said = approve(second, answer.body)
        assert (said.status, said.body["code"]) == (409, "approval.maker_may_not_run"), said.body
    plan = made(bench)
    assert approve(second, plan).status == 200
    membership = {"user_id": ObjectId(second.user_id), "team_id": ObjectId(bench.person.team_id)}
    assert mongo.memberships.update_one(membership, {"$set": {"role": "editor"}}).matched_count == 1
    refused(bench.ask(plan=plan["id"]))
    assert mongo.memberships.update_one(membership, {"$set": {"role": "operator"}}).matched_count == 1
    bench.until(bench.start(plan=plan["id"]), "verifying", "succeeded")


def test_a_plan_that_cannot_be_carried_out_waits_for_nobody_and_is_not_approved(bench: Bench, second: Person) -> None:
    bench.draw(a_config_map("conf", a="1"))
    bench.applied()
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf?fieldManager=kubectl"
    bench.plane.call("PATCH", path, b'{"data":{"a":"2"}}', content_type="application/merge-patch+json")
    environment = f"environments/{bench.environment['id']}"
    assert bench.person.patch(environment, {"protected": True}).status == 200
    bench.draw(a_config_map("conf", a="3"))

    def waiting() -> list[str]:
        return [row["id"] for row in second.get("approvals?for_me=1").body["results"]]

    blocked = made(bench)
    assert effects(blocked) == {"conf": "conflict"}
    assert blocked["id"] not in waiting()
    refused = second.post(f"plans/{blocked['id']}/approve", {})
    assert (refused.status, refused.body["code"]) == (409, "approval.would_fail")
    conf = {"api_version": "v1", "kind": "ConfigMap", "namespace": bench.namespace, "name": "conf"}
    decided = made(bench, choices=[{"ref": conf, "path": "data.a", "choice": "take"}])
    assert decided["id"] in waiting()
    assert second.post(f"plans/{decided['id']}/approve", {}).status == 200
