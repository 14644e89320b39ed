"""The catalog and the preview of manifests over the API."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.people import Person, a_user, call
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor")


def test_the_catalog_is_served_once_and_then_not_modified(anna: Person):
    first = anna.get("catalog")
    tag = first.headers["ETag"]

    again = call("GET", "catalog", token=anna.token, **{"If-None-Match": tag})

    assert first.status == 200
    assert {kind["id"] for kind in first.body["kinds"]} >= {"deployment", "service", "ingress", "configmap", "secret"}
    assert first.body["relations"]
    assert {kind["group"] for kind in first.body["kinds"]} <= {group["id"] for group in first.body["groups"]}
    assert (again.status, again.body) == (304, b"")
    assert call("GET", "catalog", token=anna.token, **{"If-None-Match": f'W/{tag}, "other"'}).status == 304
    assert call("GET", "catalog", token=anna.token, **{"If-None-Match": '"other"'}).status == 200


def test_the_catalog_matches_its_declared_schema(anna: Person):
    from workflows.serializers.catalog import KindSerializer, ParameterSerializer, RelationSerializer

    body = anna.get("catalog").body

    def walk(parameter: dict[str, Any]) -> None:
        assert set(parameter) <= set(ParameterSerializer().fields), parameter
        for inner in [*parameter.get("fields", []), *([parameter["item"]] if "item" in parameter else [])]:
            walk(inner)

    for kind in body["kinds"]:
        assert set(kind) == set(KindSerializer().fields)
        for parameter in kind["parameters"]:
            walk(parameter)
    for relation in body["relations"]:
        assert set(relation) == set(RelationSerializer().fields)
        for parameter in relation["parameters"]:
            walk(parameter)


def test_a_preview_renders_the_saved_graph_for_an_environment(anna: Person):
    workflow = a_workflow(anna, a_node("web", image="nginx:${TAG}", replicas=0))
    cluster = a_cluster(anna.team_id)
    environment = an_environment(anna, workflow, cluster, "shop")
    anna.patch(f"environments/{environment['id']}", {"variables": {"TAG": {"type": "string", "value": "1.27"}}})

    shown = anna.post(f"workflows/{workflow['id']}/manifests", {"environment": environment["id"]})

    assert shown.status == 200, shown.body
    [row] = shown.body["manifests"]
    assert row["ref"] == {"api_version": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}
    manifest = yaml.safe_load(row["yaml"])
    assert manifest["spec"]["replicas"] == 0
    assert manifest["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27"
    assert manifest["metadata"]["labels"]["kubeorch.dev/environment"] == environment["id"]


def test_a_preview_renders_what_is_on_the_canvas_without_saving_it(anna: Person):
    workflow = a_workflow(anna, a_node("web"))
    body = {"nodes": [a_node("web"), a_node("api")], "edges": [], "node_id": "api"}

    shown = anna.post(f"workflows/{workflow['id']}/manifests", body)

    assert [row["ref"]["name"] for row in shown.body["manifests"]] == ["api"]
    assert anna.get(f"workflows/{workflow['id']}").body["node_count"] == 1


def test_an_unknown_variable_is_a_problem_of_a_preview_for_an_environment(anna: Person):
    workflow = a_workflow(anna, a_node("web", image="nginx:${TAG}"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))

    without = anna.post(f"workflows/{workflow['id']}/manifests").body
    within = anna.post(f"workflows/{workflow['id']}/manifests", {"environment": environment["id"]}).body

    assert without["problems"] == []
    assert [row["code"] for row in within["problems"]] == ["variable.unknown"]


@pytest.mark.parametrize("body", [{"environment": 1}, {"node_id": []}, {"nodes": 1}, {"nodes": [], "edges": "x"}])
def test_a_malformed_preview_request_is_refused(anna: Person, body: dict[str, Any]):
    workflow = a_workflow(anna, a_node("web"))

    assert anna.post(f"workflows/{workflow['id']}/manifests", body).status == 400


def test_a_preview_for_another_workflows_environment_is_not_found(anna: Person):
    workflow, other = a_workflow(anna, a_node("web")), a_workflow(anna, a_node("web"))
    environment = an_environment(anna, other, a_cluster(anna.team_id))

    assert anna.post(f"workflows/{workflow['id']}/manifests", {"environment": environment["id"]}).status == 404
