"""A person asks what others changed, after a run and edits by hand."""

from __future__ import annotations

import json
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.plans import effects, made, planned
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.watching import watching
from tests.unit.kinds.samples import a_node


def by_hand(bench: Bench, path: str, patch: Any, manager: str = "kubectl-edit") -> None:
    status, answer = bench.plane.call(
        "PATCH",
        f"{path}?fieldManager={manager}",
        json.dumps(patch).encode(),
        content_type="application/merge-patch+json",
    )
    assert status == 200, answer


def the_drift(bench: Bench, query: str = "") -> dict[str, Any]:
    answer = bench.person.get(f"environments/{bench.environment['id']}/drift{query}")
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_a_change_by_hand_is_told_with_its_field_and_who_made_it_when_the_cluster_is_asked(bench: Bench) -> None:
    assert the_drift(bench, "?fresh=1") == {"version": None, "results": [], "left_out": 0, "next": None}
    bench.draw(
        a_node("deployment", "web", id="web", replicas=1),
        a_node("configmap", "conf", id="conf", data={"color": "blue", "size": "1"}),
        a_node("secret", "keys", id="keys"),
    )
    bench.applied()
    found = the_drift(bench, "?fresh=1")
    assert {one["state"] for one in found["results"]} == {"same"}, found
    assert found["version"] == 1

    place = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf"
    by_hand(bench, place, {"data": {"color": "red", "size": None, "new": "x"}})
    by_hand(bench, f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web", {"spec": {"replicas": 2}}, "me")
    (conf,) = the_drift(bench, "?node=conf&fresh=1")["results"]
    assert conf["state"] == "drifted"
    assert [(row["path"], row["applied"], row["live"]) for row in conf["fields"]] == [
        ("data.color", "blue", "red"),
        ("data.size", "1", None),
    ]
    assert [row["known"] for row in conf["fields"]] == [{"sort": "kubectl", "name": "kubectl edit"}, None]
    assert conf["fields"][0]["at"]
    (web,) = [one for one in the_drift(bench, "?fresh=1")["results"] if one["node_id"] == "web"]
    assert [(row["path"], row["live"], row["manager"]) for row in web["fields"]] == [("spec.replicas", 2, "me")]

    bench.plane.delete("v1", "ConfigMap", "conf", bench.namespace)
    assert [one["state"] for one in the_drift(bench, "?node=conf&fresh=1")["results"]] == ["missing"]
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": bench.namespace}}
    bench.plane.apply({**other, "data": {"color": "somebody else's"}})
    (conf,) = the_drift(bench, "?node=conf&fresh=1")["results"]
    assert (conf["state"], conf["fields"]) == ("unknown", [])
    assert "somebody else" in conf["reason"]


def fields(row: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(field["path"], field["applied"], field["live"], field["manager"]) for field in row["fields"]]


def test_the_watch_finds_what_others_changed_and_forgets_it_once_it_is_undone(bench: Bench, cluster: str) -> None:
    """Rows, their event, the inbox and the history; and they leave with a run, with the object and with the drawing."""
    web = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web"
    topic = f"environments/{bench.environment['id']}/status"
    drawn = (
        a_node("deployment", "web", id="web", replicas=1),
        a_node("configmap", "conf", id="conf", data={"a": "1", "b": "2"}),
    )
    bench.draw(*drawn)
    bench.applied()

    def rows(query: str = "") -> list[dict[str, Any]]:
        return list(the_drift(bench, query)["results"])

    with watching(ObjectId(cluster)):
        by_hand(bench, web, {"spec": {"replicas": 3}})
        (row,) = until(rows, what="the drift is stored")
        assert fields(row) == [("spec.replicas", 1, 3, "kubectl-edit")]
        assert (row["node_id"], row["state"], row["as_of"], row["contested"]) == ("web", "drifted", None, None)
        shown = bench.person.get(topic).body["data"]
        assert (shown["drift:web"]["count"], shown["drift:web"]["contested"]) == (1, False)
        assert rows("?node=conf") == rows("?q=configmap") == []
        assert rows("?node=web&q=KUBECTL") == [row]
        (listed,) = bench.person.get("drift").body["results"]
        assert (listed["environment"]["name"], listed["workflow"]["name"]) == ("prod", bench.workflow["name"])
        assert fields(listed) == fields(row)

        by_hand(bench, web, {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}, "me")
        by_hand(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", {"data": {"a": None}})
        until(lambda: len(rows()) == 2, what="both are known")
        assert fields(rows("?node=conf")[0]) == [("data.a", "1", None, "")]
        assert fields(rows("?node=web")[0]) == fields(row), "what we did not apply is none of ours"

        bench.until(bench.start(take_over=True), "succeeded")
        until(lambda: rows() == [], what="the run has put it right")
        assert not any(key.startswith("drift:") for key in bench.person.get(topic).body["data"])
        history = bench.person.get(f"environments/{bench.environment['id']}/drift/history?node=web").body["results"]
        assert [(one["path"], one["manager"]) for one in history] == [
            ("spec.replicas", "kubeorch"),
            ("spec.replicas", "kubectl-edit"),
            ("spec.replicas", "kubeorch"),
        ]

        by_hand(bench, web, {"spec": {"replicas": 2}})
        until(rows, what="it drifted again")
        bench.plane.delete("apps/v1", "Deployment", "web", bench.namespace)
        (gone,) = until(lambda: [one for one in rows() if one["state"] == "missing"], what="it is told as missing")
        assert (gone["fields"], gone["node_id"]) == ([], "web")
        shown = bench.person.get(topic).body["data"]["drift:web"]
        assert (shown["count"], shown["missing"]) == (0, 1)
        refs = {"refs": [gone["ref"]]}
        answer = bench.person.post(f"environments/{bench.environment['id']}/drift/revert", refs)
        assert answer.status == 202, answer.body
        bench.until(answer.body, "succeeded", "verifying")
        until(lambda: rows() == [], what="it is made again")
        bench.until(bench.start(), "succeeded")
        by_hand(bench, web, {"spec": {"replicas": 2}})
        until(rows, what="the new one drifted")
        bench.draw(drawn[1])
        bench.until(bench.start(), "succeeded")
        until(lambda: rows() == [], what="what is not drawn any more has no drift")


def test_what_others_add_is_named_beside_the_drift_and_a_field_keeps_the_time_of_its_change(
    bench: Bench, cluster: str
) -> None:
    place = f"/api/v1/namespaces/{bench.namespace}/configmaps/conf"
    web = f"/apis/apps/v1/namespaces/{bench.namespace}/deployments/web"
    bench.draw(
        a_node("configmap", "conf", id="conf", data={"color": "blue", "size": "1"}),
        a_node("deployment", "web", id="web", replicas=1),
    )
    bench.applied()

    def added(row: dict[str, Any]) -> tuple[int, list[str]]:
        return row["added"]["count"], [f"{one['path']} by {one['name']}" for one in row["added"]["fields"]]

    # What nobody of us has is no drift, and is told where the cluster is asked.
    containers = [{"name": "web", "env": [{"name": "EXTRA", "value": "1"}]}]
    status, answer = bench.plane.call(
        "PATCH",
        f"{web}?fieldManager=kubectl-patch",
        json.dumps({"spec": {"template": {"spec": {"containers": containers}}}}).encode(),
        content_type="application/strategic-merge-patch+json",
    )
    assert status == 200, answer
    by_hand(bench, place, {"data": {"EXTRA": "x"}, "metadata": {"annotations": {"team": "blue"}}}, "kubectl-patch")
    found = {one["node_id"]: one for one in the_drift(bench, "?fresh=1")["results"]}
    assert {one["state"] for one in found.values()} == {"same"}
    assert added(found["conf"]) == (
        2,
        ["data.EXTRA by kubectl patch", "metadata.annotations.team by kubectl patch"],
    )
    assert added(found["web"]) == (
        1,
        ["spec.template.spec.containers[name=web].env[name=EXTRA] by kubectl patch"],
    )
    plan = made(bench)
    assert effects(plan) == {"conf": "unchanged", "web": "unchanged"}
    assert added(planned(plan, "conf")) == added(found["conf"])

    with watching(ObjectId(cluster)):
        by_hand(bench, place, {"data": {"color": "red"}}, "kubectl-patch")
        (row,) = until(lambda: the_drift(bench)["results"], what="the drift is stored")
        assert added(row) == added(found["conf"])
        at = row["fields"][0]["at"]
        until(lambda: now_text() > at, what="another second has begun")
        by_hand(bench, place, {"data": {"size": "2"}}, "kubectl-patch")
        row = until(lambda: rows[0] if len((rows := the_drift(bench)["results"])[0]["fields"]) == 2 else None) or {}
        times = {field["path"]: field["at"] for field in row["fields"]}
        assert times["data.color"] == at < times["data.size"]
        (fresh,) = the_drift(bench, "?fresh=1&node=conf")["results"]
        assert {field["path"]: field["at"] for field in fresh["fields"]} == times
        assert fresh["since"] == row["since"]


def now_text() -> str:
    return now().replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_drift_leaves_with_its_environment(bench: Bench, cluster: str) -> None:
    from kubeorch.mongo.client import db
    from workflows.drift.leftovers import forget_removed

    bench.draw(a_node("configmap", "conf", id="conf", data={"color": "blue"}))
    bench.applied()
    with watching(ObjectId(cluster)):
        by_hand(bench, f"/api/v1/namespaces/{bench.namespace}/configmaps/conf", {"data": {"color": "red"}})
        until(lambda: the_drift(bench)["results"], what="the drift is stored")
    environment_id = ObjectId(bench.environment["id"])
    assert db().drift_history.count_documents({"environment_id": environment_id}) > 0
    db().environments.delete_one({"_id": environment_id})  # as the removal of its workflow or its team does
    forget_removed()
    assert db().drift.count_documents({"environment_id": environment_id}) == 0
    assert db().drift_history.count_documents({"environment_id": environment_id}) == 0
    assert bench.person.get("drift").body["results"] == []
