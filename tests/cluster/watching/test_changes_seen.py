"""The history of what was seen to change on the objects of environments, on a real API server."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.watching import a_deployment, expect, labelled, watching

configure()
SECRET = "not-for-anybody-99"


@pytest.fixture
def anna(mongo: Any, environment: dict[str, Any]) -> Person:
    """Of the team of the environment, which has the sandbox for itself."""
    found = a_user("admin")
    mongo.environments.update_one({"_id": environment["_id"]}, {"$set": {"team_id": found.team_id}})
    return found


@pytest.fixture
def web(control_plane: ControlPlane, environment: dict[str, Any]) -> dict[str, Any]:
    manifest = a_deployment(environment, "web", replicas=2)
    manifest["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": SECRET}]
    applied(control_plane, manifest)
    expect(environment, "web", manifest)
    return manifest


def folder(manifest: dict[str, Any]) -> str:
    start = f"/apis/{manifest['apiVersion']}" if "/" in manifest["apiVersion"] else f"/api/{manifest['apiVersion']}"
    return f"{start}/namespaces/{manifest['metadata']['namespace']}/{manifest['kind'].lower()}s"


def applied(control_plane: ControlPlane, manifest: dict[str, Any]) -> None:
    path = f"{folder(manifest)}/{manifest['metadata']['name']}?fieldManager=kubeorch&force=true"
    body = json.dumps(manifest).encode()
    status, answer = control_plane.call("PATCH", path, body, content_type="application/apply-patch+yaml")
    assert status in (200, 201), answer


def edited(
    control_plane: ControlPlane, manifest: dict[str, Any], change: dict[str, Any], by: str = "kubectl-edit"
) -> None:
    path = f"{folder(manifest)}/{manifest['metadata']['name']}?fieldManager={by}"
    body = json.dumps(change).encode()
    assert control_plane.call("PATCH", path, body, content_type="application/merge-patch+json")[0] == 200


def history(anna: Person, cluster_id: ObjectId, manifest: dict[str, Any]) -> dict[str, Any]:
    group = manifest["apiVersion"].partition("/")[0] if "/" in manifest["apiVersion"] else ""
    kind = f"{manifest['kind']}.{group}" if group else manifest["kind"]
    metadata = manifest["metadata"]
    path = f"clusters/{cluster_id}/resources/{kind}/{metadata['namespace']}/{metadata['name']}/history"
    answer = anna.get(path)
    assert answer.status == 200, answer.body
    return answer.body


def shown(row: dict[str, Any]) -> tuple[str, list[tuple[str, str | None, str | None]]]:
    return row["name"], [(field["path"], field["old"], field["new"]) for field in row["fields"]]


def test_what_others_and_runs_change_is_kept_with_who_when_and_from_what_to_what(
    control_plane: ControlPlane,
    environment: dict[str, Any],
    cluster_id: ObjectId,
    web: dict[str, Any],
    anna: Person,
    mongo: Any,
) -> None:
    config = labelled(environment, "conf", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf"}})
    applied(control_plane, {**config, "data": {"MODE": "a"}})
    secret = labelled(environment, "keys", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}})
    applied(control_plane, {**secret, "stringData": {"token": SECRET}})
    with watching(cluster_id) as live:
        live.until(environment, "web", health="healthy")
        for one in (web, config, secret):
            until(lambda one=one: history(anna, cluster_id, one)["followed"], what="it is followed")
        assert history(anna, cluster_id, web)["results"] == []
        told = [history(anna, cluster_id, one)["has_values"] for one in (web, config, secret)]
        assert told == [True, False, False], "ConfigMaps and Secrets are watched as metadata"

        edited(control_plane, web, {"spec": {"replicas": 5}})
        (row,) = until(lambda: history(anna, cluster_id, web)["results"], what="the change is there")
        assert shown(row) == ("kubectl edit", [("spec.replicas", "2", "5")])
        live.until(environment, "web", health="healthy")
        assert len(history(anna, cluster_id, web)["results"]) == 1, "a rollout writes status, which is no change"

        image = {"containers": [{"name": "main", "image": "nginx:2", "env": [{"name": "DB_PASSWORD", "value": "new"}]}]}
        edited(control_plane, web, {"spec": {"template": {"spec": image}}}, by="deploy-bot")
        until(lambda: len(history(anna, cluster_id, web)["results"]) == 2, what="the second change is there")
        name, fields = shown(history(anna, cluster_id, web)["results"][0])
        container = "spec.template.spec.containers[name=main]"
        assert (name, (f"{container}.image", '"nginx:1"', '"nginx:2"') in fields) == ("deploy-bot", True)
        assert (f"{container}.env[name=DB_PASSWORD].value", '"(hidden)"', '"(hidden)"') in fields

        edited(control_plane, config, {"data": {"MODE": "b"}})
        (row,) = until(lambda: history(anna, cluster_id, config)["results"], what="the ConfigMap's change is there")
        assert (shown(row), row["among"]) == (("kubectl edit", []), ["data.MODE"])
        edited(control_plane, secret, {"stringData": {"token": SECRET + "2"}})
        until(lambda: history(anna, cluster_id, secret)["results"], what="the Secret's change is there")
    kept = str([*mongo.object_changes.find(), *mongo.object_looks.find()])
    assert SECRET not in kept

    edited(control_plane, web, {"spec": {"replicas": 3}}, by="kubectl-scale")
    with watching(cluster_id):
        until(lambda: len(history(anna, cluster_id, web)["results"]) == 3, what="what nobody watched is there")
    assert shown(history(anna, cluster_id, web)["results"][0])[1] == [("spec.replicas", "5", "3")]


def test_history_is_of_the_very_object_and_of_objects_of_environments_alone(
    control_plane: ControlPlane,
    environment: dict[str, Any],
    cluster_id: ObjectId,
    web: dict[str, Any],
    anna: Person,
    mongo: Any,
) -> None:
    stranger = {**config_of(environment["namespace"], "stranger"), "data": {"a": "1"}}
    forged = config_of(environment["namespace"], "forged")
    forged["metadata"]["labels"] = {"kubeorch.dev/environment": str(ObjectId()), "kubeorch.dev/node": "web"}
    for one in (stranger, forged):
        applied(control_plane, one)
    with watching(cluster_id) as live:
        live.until(environment, "web", health="healthy")
        until(lambda: history(anna, cluster_id, web)["followed"], what="it is followed")
        for one in (stranger, forged, web):
            edited(control_plane, one, {"metadata": {"annotations": {"by": "somebody"}}})
        until(lambda: history(anna, cluster_id, web)["results"], what="the change is there")
        for one in (stranger, forged):
            assert history(anna, cluster_id, one) == {
                "results": [],
                "next": None,
                "followed": False,
                "has_values": False,
            }

        control_plane.delete("apps/v1", "Deployment", "web", environment["namespace"])
        until(
            lambda: mongo.object_looks.count_documents({"_id": {"$regex": str(cluster_id)}}) == 0,
            what="it is forgotten",
        )
        until(lambda: control_plane.get("apps/v1", "Deployment", "web", environment["namespace"]) is None)
        applied(control_plane, web)
        until(lambda: history(anna, cluster_id, web)["followed"], what="the new one is followed")
        assert history(anna, cluster_id, web)["results"] == []


def config_of(namespace: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}
