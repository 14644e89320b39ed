"""A run of a plan: just what the plan says, or nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bson import ObjectId

from tests.support.plans import effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_node, a_secret


def scaled_by_kubectl(bench: Bench, replicas: int) -> None:
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl"
    body = f'{{"spec":{{"replicas":{replicas}}}}}'.encode()
    bench.plane.call("PATCH", path, body, content_type="application/merge-patch+json")


def labelled_by_kubectl(bench: Bench) -> None:
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl"
    bench.plane.call(
        "PATCH", path, b'{"metadata":{"labels":{"team":"blue"}}}', content_type="application/merge-patch+json"
    )


def test_a_run_of_a_plan_does_what_the_plan_says_and_measures_it(bench: Bench) -> None:
    bench.draw(a_config_map("old", a="1"), a_config_map("settings", mode="fast"), a_node("web", replicas=1))
    bench.applied()
    bench.draw(a_config_map("settings", mode="slow"), a_node("web", replicas=2), a_node("more"))
    plan = made(bench)
    assert effects(plan) == {"old": "delete", "settings": "update", "web": "update", "more": "create"}
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["plan"] == {"id": plan["id"], "hash": plan["hash"]}
    assert run["as_planned"] == {"equal": 4, "different": 0, "not_foreseen": 0}, run["steps"]
    assert bench.get("v1", "ConfigMap", "old") is None
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 2


def test_a_run_of_a_plan_applies_its_version_and_not_what_was_drawn_since(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="planned"))
    plan = made(bench)
    bench.draw(a_config_map("settings", mode="drawn later"))
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["version"] == plan["version"]
    assert bench.get("v1", "ConfigMap", "settings")["data"] == {"mode": "planned"}


def test_a_plan_that_is_no_longer_true_is_not_run_and_says_what_has_moved(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    bench.draw(a_node("web", replicas=3))
    plan = made(bench)
    assert looked_at(bench, plan)["still_true"] is True
    scaled_by_kubectl(bench, 5)
    answer = bench.ask(plan=plan["id"])
    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    [moved] = answer.body["moved"]
    assert (moved["ref"]["name"], moved["manager"]) == ("web", "kubectl")
    assert moved["what"] == "spec.replicas was changed"
    assert moved["at"]
    seen = looked_at(bench, plan)
    assert (seen["still_true"], seen["moved"]) == (False, [moved])
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 5


def test_a_plan_survives_what_does_not_matter(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    bench.draw(a_node("web", replicas=3))
    plan = made(bench)
    labelled_by_kubectl(bench)
    assert looked_at(bench, plan)["still_true"] is True
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    live = bench.get("apps/v1", "Deployment", "web")
    assert (live["spec"]["replicas"], live["metadata"]["labels"]["team"]) == (3, "blue")
    assert run["as_planned"]["different"] == 1, "the label was not there when it was planned"
    [step] = run["steps"]
    assert step["differs"] == ["metadata.labels.team"]


def test_a_plan_whose_object_moves_while_its_run_waits_changes_nothing(bench: Bench) -> None:
    bench.draw(a_node("web", replicas=1))
    bench.applied()
    bench.draw(a_node("web", replicas=2))
    first = bench.until(bench.start(), "verifying")
    bench.draw(a_node("web", replicas=3))
    plan = made(bench)
    waiting = bench.start(plan=plan["id"])
    scaled_by_kubectl(bench, 5)
    bench.see_all_healthy()
    bench.until(first, "succeeded")
    failed = bench.until(waiting, "failed")
    assert failed["error"]["code"] == "plan.moved"
    assert bench.get("apps/v1", "Deployment", "web")["spec"]["replicas"] == 5


def test_the_same_key_gives_the_same_run_although_the_run_itself_has_moved_the_plan(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    plan = made(bench)
    run = bench.until(bench.start(plan=plan["id"], idempotency_key="once"), "verifying")
    assert looked_at(bench, plan)["still_true"] is False
    assert bench.start(plan=plan["id"], idempotency_key="once")["id"] == run["id"]
    answer = bench.ask(plan=made(bench)["id"], idempotency_key="once")
    assert (answer.status, answer.body["code"]) == (409, "run.key_reused")


def test_a_plan_is_not_run_with_options_it_was_not_made_with(bench: Bench) -> None:
    bench.draw(a_config_map("settings", mode="fast"))
    answer = bench.ask(plan=made(bench)["id"], delete_volumes=True)
    assert (answer.status, answer.body["code"]) == (400, "plan.options")


def test_values_of_a_secret_are_in_no_plan_and_a_change_is_seen(bench: Bench, mongo: Any) -> None:
    bench.draw(a_secret("keys", "token"))
    bench.applied(secrets={"keys": {"token": "first-value"}})
    path = f"/api/v1/namespaces/{bench.namespace}/secrets/keys?fieldManager=kubectl"
    body = b'{"stringData":{"token":"second-value"}}'
    bench.plane.call("PATCH", path, body, content_type="application/merge-patch+json")
    plan = made(bench)
    shown = str(plan) + str(list(mongo.plans.find())) + str(stored(plan))
    for value in ("first-value", "second-value", "Zmlyc3QtdmFsdWU", "c2Vjb25kLXZhbHVl"):
        assert value not in shown


def stored(plan: dict[str, Any]) -> list[Any]:
    from bson import ObjectId

    from workflows.plans import store

    return list(store.objects_of(ObjectId(plan["id"])))


def test_another_plan_says_only_what_it_says_otherwise(bench: Bench) -> None:
    bench.draw(a_config_map("same"), a_config_map("settings", mode="fast"), a_config_map("gone"))
    first = made(bench)
    bench.draw(a_config_map("same"), a_config_map("settings", mode="slow"), a_config_map("more"))
    second = made(bench)

    found = bench.person.get(f"plans/{first['id']}/compare?with={second['id']}")

    assert found.status == 200, found.body
    rows = {one["ref"]["name"]: one for one in found.body["objects"]}
    assert {name: one["change"] for name, one in rows.items()} == {
        "settings": "changed",
        "more": "added",
        "gone": "removed",
    }
    assert found.body["same"] == 1
    after = {side: fields_of(rows["settings"][side])["data.mode"] for side in ("from", "to")}
    assert after == {"from": (None, "fast"), "to": (None, "slow")}
    assert bench.person.get(f"plans/{first['id']}/compare?with={first['id']}").body == {"same": 3, "objects": []}


def test_a_plan_says_how_it_is_taken_back_and_what_stays_done(bench: Bench) -> None:
    job = {"image": "busybox:1.36", "command": ["true"]}
    bench.draw(a_config_map("old"), a_config_map("settings", mode="fast"), a_node("web"), a_secret("keys", "token"))
    bench.applied(secrets={"keys": {"token": "first"}})
    claim = a_node("data", kind="persistentvolumeclaim", storage="1Gi")
    bench.draw(
        a_config_map("settings", mode="slow"),
        a_node("web"),
        a_config_map("new"),
        a_node("once", kind="job", **job),
        claim,
    )
    undo = made(bench)["undo"]
    assert {one["ref"]["name"]: one["effect"] for one in undo["objects"]} == {
        "old": "create",
        "keys": "create",
        "settings": "update",
        "new": "delete",
        "once": "delete",
        "data": "keep",
    }
    cannot = {one["ref"]["name"]: one["reason"] for one in undo["cannot"]}
    assert cannot.keys() == {"keys", "once", "data"}
    assert "only those come back that are stored" in cannot["keys"]
    assert "stays done" in cannot["once"]


def test_a_rollback_says_of_which_secrets_the_values_do_not_go_back(bench: Bench) -> None:
    bench.draw(a_secret("keys", "token"), a_secret("other", "token"), a_config_map("settings", mode="first"))
    first = bench.applied(secrets={"keys": {"token": "first"}, "other": {"token": "kept"}})
    bench.draw(a_secret("keys", "token"), a_secret("other", "token"), a_config_map("settings", mode="second"))
    bench.applied(secrets={"keys": {"token": "second"}})
    plan = made(bench, kind="rollback", to_run=first["id"])
    keys = planned(plan, "keys")
    assert keys["effect"] == "unchanged"
    assert keys["reason"].startswith("its values stay as they were applied since, for a run keeps no values")
    assert planned(plan, "other")["reason"] == ""
    assert planned(plan, "settings")["effect"] == "update"


def test_what_is_saved_while_a_plan_is_being_made_is_not_taken_for_what_was_planned(bench: Bench, mongo: Any) -> None:
    """The version is frozen while the cluster is asked; another save may come in between."""
    which = {"_id": ObjectId(bench.workflow["id"])}
    bench.draw(a_config_map("settings", mode="saved in between"))
    saved_in_between = mongo.workflows.find_one(which)
    bench.draw(a_config_map("settings", mode="planned"))

    def conflicts() -> int:
        return int(mongo.client.admin.command("serverStatus")["transactions"]["totalAborted"])

    before = conflicts()
    with ThreadPoolExecutor(1) as beside, mongo.client.start_session() as session, session.start_transaction():
        mongo.workflows.replace_one(which, saved_in_between, session=session)
        planning = beside.submit(made, bench)
        until(lambda: conflicts() > before, what="the plan has read the drawing and waits to freeze it")
        session.commit_transaction()
        plan = planning.result(timeout=60)
    assert fields_of(planned(plan, "settings"))["data.mode"] == (None, "planned")
    assert plan["version"] is None
    answer = bench.ask(plan=plan["id"])
    assert (answer.status, answer.body["code"]) == (409, "plan.moved"), answer.body
    assert bench.get("v1", "ConfigMap", "settings") is None
