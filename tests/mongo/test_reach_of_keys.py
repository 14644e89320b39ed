"""Who reads a key of a ConfigMap or Secret, across the workflows of a team in one namespace."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_config_map, a_manifest, a_node, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def a_reader(name: str, source: str, **container: Any) -> dict[str, Any]:
    """A Deployment whose container reads a ConfigMap of that name."""
    app = {"name": "app", "image": "nginx:1.27", **container}
    labels = {"app": name}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [app], "volumes": [{"name": "files", "configMap": {"name": source}}]},
        },
    }
    return a_manifest(name, apiVersion="apps/v1", kind="Deployment", metadata={"name": name}, spec=spec)


def mounted(sub_path: str = "") -> dict[str, Any]:
    mount = {"name": "files", "mountPath": "/etc/app", **({"subPath": sub_path} if sub_path else {})}
    return {"volumeMounts": [mount]}


def variable(source: str, key: str) -> dict[str, Any]:
    return {"env": [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": source, "key": key}}}]}


def deployed(person: Person, environment: dict[str, Any], workflow: dict[str, Any]) -> None:
    """As after a run of the workflow's saved graph."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    answer = person.post(f"workflows/{workflow['id']}/versions", {"name": "as it runs"})
    assert answer.status == 201, answer.body
    row = {"version": answer.body["number"], "content": "", "run_id": ObjectId(), "at": now()}
    db().environments.update_one({"_id": ObjectId(environment["id"])}, {"$set": {"deployed": row}})


def reach(person: Person, workflow: dict[str, Any], **query: str) -> Any:
    words = "&".join(f"{name}={value}" for name, value in query.items())
    return person.get(f"workflows/{workflow['id']}/reach?{words}")


def test_a_key_is_read_in_every_workflow_of_the_namespace_and_each_reader_says_when_it_has_a_new_value(
    anna: Person,
) -> None:
    cluster = a_cluster(anna.team_id)
    shop = a_workflow(
        anna,
        a_config_map("settings", mode="fast", other="1"),
        a_reader("web", "settings", **variable("settings", "mode")),
    )
    jobs = a_workflow(
        anna,
        a_reader("files", "settings", **mounted()),
        a_reader("fixed", "settings", **mounted("mode")),
        a_reader("elsewhere", "another", **mounted()),
    )
    apart = a_workflow(anna, a_reader("apart", "settings", **mounted()))
    drawn_only = a_workflow(anna, a_reader("drawn", "settings", **mounted()))
    an_environment(anna, shop, cluster, "shop")
    deployed(anna, an_environment(anna, jobs, cluster, "shop"), jobs)
    deployed(anna, an_environment(anna, apart, cluster, "apart"), apart)
    an_environment(anna, drawn_only, cluster, "shop")

    answer = reach(anna, shop, node="settings", key="mode")

    assert answer.status == 200, answer.body
    rows = {(one["workflow"]["id"], one["node_id"]): one for one in answer.body["readers"]}
    web = rows.pop((shop["id"], "web"))
    assert (web["container"], web["how"], web["where"], web["arrives"]) == ("app", "env", "MODE", "restart")
    files = rows.pop((jobs["id"], "files"))
    assert (files["how"], files["where"], files["arrives"]) == ("file", "/etc/app/mode", "minute")
    assert files["workflow"]["name"] == jobs["name"]
    fixed = rows.pop((jobs["id"], "fixed"))
    assert (fixed["how"], fixed["arrives"]) == ("sub_path", "restart")
    assert not rows
    assert answer.body["left_out"] == 0
    assert [one["node_id"] for one in reach(anna, shop, node="settings", key="other").body["readers"]] == ["files"]


def test_a_reader_whose_pods_carry_the_digest_is_replaced_by_the_run(anna: Person) -> None:
    web = a_node("web")
    edge = {"id": "e", "source": "settings", "target": "web", "relation": "sets_env", "parameters": {}}
    workflow = a_workflow(anna, web, a_config_map("settings", mode="fast"))
    answer = anna.put(
        f"workflows/{workflow['id']}/graph",
        {"rev": 1, "nodes": [web, a_config_map("settings", mode="fast")], "edges": [edge]},
    )
    assert answer.status == 200, answer.body
    an_environment(anna, workflow, a_cluster(anna.team_id))

    [reader] = reach(anna, workflow, node="settings", key="mode").body["readers"]

    assert (reader["how"], reader["arrives"]) == ("env_from", "replaced")


def test_what_has_no_keys_is_refused_and_what_is_not_ours_is_not_there(anna: Person) -> None:
    workflow = a_workflow(anna, a_node("web"))
    an_environment(anna, workflow, a_cluster(anna.team_id))
    for node in ("web", "nowhere", ""):
        answer = reach(anna, workflow, node=node)
        assert (answer.status, answer.body["code"]) == (400, "reach.no_source")
    assert reach(a_user("editor"), workflow, node="web").status == 404


def test_only_workloads_of_the_environment_are_restarted(anna: Person) -> None:
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "theirs"}
    answer = anna.post(f"environments/{environment['id']}/restart", {"refs": [ref]})
    assert (answer.status, answer.body["code"]) == (400, "restart.not_owned"), answer.body
    assert anna.post(f"environments/{environment['id']}/restart", {"refs": []}).status == 400
    viewer = a_user("viewer", team=anna.team_id)
    assert viewer.post(f"environments/{environment['id']}/restart", {"refs": [ref]}).status == 403
