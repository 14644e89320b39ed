"""A plan with choices for fields that others manage: it shows their effect, nothing is decided before its run, and the
run carries them out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.people import a_user
from tests.support.plans import Plan, ask, effects, fields_of, looked_at, made, planned
from tests.support.runs import Bench
from tests.support.workflows import a_config_map, a_node


def choice(bench: Bench, kind: str, name: str, path: str, what: str) -> dict[str, Any]:
    version = "apps/v1" if kind == "Deployment" else "v1"
    ref = {"api_version": version, "kind": kind, "namespace": bench.namespace, "name": name}
    return {"ref": ref, "path": path, "choice": what}


def set_by_kubectl(bench: Bench, name: str, **data: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
    path = f"/api/v1/namespaces/{bench.namespace}/configmaps/{name}?fieldManager=kubectl&force=true"
    status, said = bench.plane.call(
        "PATCH", path, json.dumps(body).encode(), content_type="application/apply-patch+yaml"
    )
    assert status == 200, said


def drawn(bench: Bench, name: str) -> dict[str, str]:
    """The data of a ConfigMap in the saved graph."""
    graph = bench.person.get(f"workflows/{bench.workflow['id']}/graph").body
    [node] = [one for one in graph["nodes"] if one["name"] == name]
    return dict(node["parameters"]["data"])


@pytest.fixture
def contested(bench: Bench) -> Plan:
    """What was applied as `1` of three keys, kubectl has set to `2`, and the graph says `3` now; its plan."""
    bench.draw(a_config_map("settings", a="1", b="1", c="1"), a_config_map("other", a="1"))
    bench.applied()
    set_by_kubectl(bench, "settings", a="2", b="2", c="2")
    bench.draw(a_config_map("settings", a="3", b="3", c="3"), a_config_map("other", a="3"))
    return made(bench)


def test_each_choice_shows_its_effect_and_is_carried_out_by_the_run_of_the_plan(
    bench: Bench, contested: Plan, mongo: Any
) -> None:
    one = planned(contested, "settings")
    assert [row["path"] for row in one["conflicts"]] == ["data.a", "data.b", "data.c"]
    assert fields_of(one)["data.a"] == ("2", "3"), "both values are in the plan"

    some = [choice(bench, "ConfigMap", "settings", "data.a", "take")]
    left = planned(made(bench, choices=some), "settings")
    assert (left["effect"], [row["path"] for row in left["conflicts"]]) == ("conflict", ["data.b", "data.c"])

    choices = [
        choice(bench, "ConfigMap", "settings", "data.a", "take"),
        choice(bench, "ConfigMap", "settings", "data.b", "yield"),
        choice(bench, "ConfigMap", "settings", "data.c", "share"),
    ]
    before = bench.person.get(f"workflows/{bench.workflow['id']}/graph").body
    plan = made(bench, choices=choices)
    values = [None, None, "2"]
    assert plan["choices"] == [{**one, "value": value} for one, value in zip(choices, values, strict=True)]
    assert effects(plan) == {"settings": "update", "other": "update"}
    assert fields_of(planned(plan, "settings")) == {"data.a": ("2", "3")}
    assert [row["path"] for row in planned(plan, "settings")["yielded"]] == ["data.b"]
    assert looked_at(bench, plan)["still_true"] is True
    assert mongo.yields.count_documents({}) == 0, "nothing is decided"
    assert bench.person.get(f"workflows/{bench.workflow['id']}/graph").body["rev"] == before["rev"]

    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"] == {"equal": 2, "different": 0, "not_foreseen": 0}, run["steps"]
    assert bench.get("v1", "ConfigMap", "settings")["data"] == {"a": "3", "b": "2", "c": "2"}
    [row] = mongo.yields.find({})
    assert row["path"] == "data.b"
    [node] = [
        one
        for one in bench.person.get(f"workflows/{bench.workflow['id']}/graph").body["nodes"]
        if one["name"] == "settings"
    ]
    assert node["parameters"]["data"] == {"a": "3", "b": "3", "c": "2"}
    assert run["version"] is not None
    bench.see_all_healthy()
    assert set(effects(made(bench)).values()) == {"unchanged"}


def test_a_field_that_another_one_takes_after_the_plan_moves_it_although_some_were_chosen(
    bench: Bench, contested: Plan
) -> None:
    names = ("a", "b", "c")
    plan = made(bench, choices=[choice(bench, "ConfigMap", "settings", f"data.{name}", "take") for name in names])
    assert planned(plan, "settings")["effect"] == "update"
    set_by_kubectl(bench, "settings", a="4", b="2", c="2")
    [moved] = looked_at(bench, plan)["moved"]
    assert "data.a" in moved["what"]
    set_by_kubectl(bench, "other", a="2")
    refused = bench.ask(plan=plan["id"])
    assert (refused.status, refused.body["code"]) == (409, "plan.moved")
    assert bench.get("v1", "ConfigMap", "settings")["data"]["b"] == "2"


def test_a_graph_that_was_edited_after_values_were_to_be_taken_into_it_is_left_alone(
    bench: Bench, contested: Plan
) -> None:
    shared = [choice(bench, "ConfigMap", "settings", f"data.{name}", "share") for name in ("a", "b", "c")]
    plan = made(bench, choices=shared)
    assert planned(plan, "settings")["error"] is None
    bench.draw(a_config_map("settings", a="5"), a_config_map("other", a="3"))
    refused = bench.ask(plan=plan["id"])
    assert (refused.status, refused.body["code"]) == (409, "plan.moved"), refused.body
    [node] = [
        one
        for one in bench.person.get(f"workflows/{bench.workflow['id']}/graph").body["nodes"]
        if one["name"] == "settings"
    ]
    assert node["parameters"]["data"] == {"a": "5"}


def test_what_cannot_be_chosen_is_refused_with_the_field(bench: Bench, contested: Plan) -> None:
    twice = [choice(bench, "ConfigMap", "settings", "data.a", what) for what in ("take", "yield")]
    nobody = [choice(bench, "ConfigMap", "other", "data.a", "yield")]
    needed = [choice(bench, "ConfigMap", "settings", "metadata.name", "yield")]
    theirs = [{**nobody[0], "ref": {**nobody[0]["ref"], "name": "kube-root-ca.crt"}}]
    assert "does not own" in ask(bench, choices=theirs).body["detail"], "and the cluster is not asked about it"
    for choices, code in ((twice, "plan.choice"), (nobody, "plan.choice"), (needed, "field.needed")):
        answer = ask(bench, choices=choices)
        assert (answer.status, answer.body["code"]) == (400, code), answer.body


def test_who_may_not_decide_may_plan_with_choices_and_not_run_them(bench: Bench, contested: Plan) -> None:
    viewer = a_user("viewer", team=bench.person.team_id)
    body = {
        "environment": bench.environment["id"],
        "choices": [choice(bench, "ConfigMap", "settings", f"data.{name}", "take") for name in ("a", "b", "c")],
    }
    plan = viewer.post(f"workflows/{bench.workflow['id']}/plans", body)
    assert plan.status == 201, plan.body
    refused = viewer.post(f"workflows/{bench.workflow['id']}/runs", {"plan": plan.body["id"]})
    assert refused.status == 403


def test_an_image_that_somebody_else_has_set_is_taken_over_as_planned(bench: Bench) -> None:
    bench.draw(a_node("web", image="nginx:1.26", replicas=0))
    bench.applied()
    body = b'{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.0"}]}}}}'
    path = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web?fieldManager=kubectl-set"
    assert bench.plane.call("PATCH", path, body, content_type="application/strategic-merge-patch+json")[0] == 200
    bench.draw(a_node("web", image="nginx:1.27", replicas=0))
    [conflict] = planned(made(bench), "web")["conflicts"]
    plan = made(bench, choices=[choice(bench, "Deployment", "web", conflict["path"], "take")])
    assert planned(plan, "web")["effect"] == "update"
    run = bench.until(bench.start(plan=plan["id"]), "verifying")
    assert run["as_planned"]["equal"] == 1


def test_a_run_that_never_begins_has_decided_nothing(bench: Bench, mongo: Any) -> None:
    """Canceled while it waited, or refused by its worker: what was chosen is undecided, and the drawing as it was."""
    nodes = a_config_map("settings", a="1", b="1", c="1"), a_config_map("other", a="1")
    bench.draw(*nodes)
    bench.until(bench.start(), "verifying")  # what comes later waits for its end
    set_by_kubectl(bench, "settings", a="2", b="2", c="2")
    bench.draw(a_config_map("settings", a="3", b="3", c="3"), nodes[1])
    chosen = {"data.a": "take", "data.b": "yield", "data.c": "share"}
    plan = made(bench, choices=[choice(bench, "ConfigMap", "settings", *one) for one in chosen.items()])

    waiting = bench.start(plan=plan["id"])
    assert bench.person.post(f"runs/{waiting['id']}/cancel").status in (200, 202)
    bench.until(waiting, "canceled")
    assert (mongo.yields.count_documents({}), drawn(bench, "settings")["c"]) == (0, "3")

    waiting = bench.start(plan=plan["id"])
    set_by_kubectl(bench, "settings", a="4", b="2", c="2")
    bench.see_all_healthy()
    assert bench.until(waiting, "failed")["error"]["code"] == "plan.moved"
    assert (mongo.yields.count_documents({}), drawn(bench, "settings")["c"]) == (0, "3")


def test_a_graph_that_is_edited_while_the_run_waits_is_left_alone_and_nothing_is_changed(
    bench: Bench, mongo: Any
) -> None:
    bench.draw(a_config_map("settings", a="1", b="1"))
    bench.until(bench.start(), "verifying")
    set_by_kubectl(bench, "settings", a="2", b="2")
    bench.draw(a_config_map("settings", a="3", b="3"))
    chosen = {"data.a": "share", "data.b": "yield"}
    plan = made(bench, choices=[choice(bench, "ConfigMap", "settings", *one) for one in chosen.items()])
    waiting = bench.start(plan=plan["id"])
    bench.draw(a_config_map("settings", a="5", b="3"))
    bench.see_all_healthy()

    error = bench.until(waiting, "failed")["error"]

    assert error["code"] == "plan.moved"
    assert "the graph has changed, into which values of the cluster were to be taken" in error["detail"]
    assert (mongo.yields.count_documents({}), drawn(bench, "settings")) == (0, {"a": "5", "b": "3"})
    assert bench.get("v1", "ConfigMap", "settings")["data"] == {"a": "2", "b": "2"}
