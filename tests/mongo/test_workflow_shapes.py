"""What the API answers is what its schema declares, and nonsense never becomes a failure of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bson import ObjectId
from rest_framework.serializers import BaseSerializer, DictField, ListSerializer

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_edge, an_environment, owns, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


def differences(shape: Any, value: Any, path: str = "answer") -> list[str]:
    """Where a value and its declared shape disagree in their keys."""
    if isinstance(shape, ListSerializer):
        return [one for i, item in enumerate(value) for one in differences(shape.child, item, f"{path}[{i}]")]
    if isinstance(shape, DictField) and isinstance(shape.child, BaseSerializer):
        return [one for key, item in value.items() for one in differences(shape.child, item, f"{path}.{key}")]
    if not isinstance(shape, BaseSerializer) or value is None:
        return []
    fields = shape.fields  # type: ignore[attr-defined]
    needed = {name for name, field in fields.items() if field.required}
    found = [f"{path} lacks {name}" for name in sorted(needed - set(value))]
    found += [f"{path} has {name}, which is not declared" for name in sorted(set(value) - set(fields))]
    for name in set(value) & set(fields):
        found += differences(fields[name], value[name], f"{path}.{name}")
    return found


def test_answers_have_the_fields_their_schema_declares(anna: Person, mongo: Any):
    from workflows.serializers import environments, graphs, removal, versions, workflows

    cluster = a_cluster(anna.team_id)
    nodes = a_node("web"), a_node("front", kind="service", port=80), a_node("key", kind="secret", keys=["K"])
    graph = {"nodes": list(nodes), "edges": [an_edge("front", "web", "exposes")]}
    workflow = anna.post("workflows", {"name": "x", "graph": graph}).body
    path = f"workflows/{workflow['id']}"
    variables = {"A": {"type": "integer", "value": 1}}
    environment = an_environment(anna, workflow, cluster)
    anna.patch(f"environments/{environment['id']}", {"variables": variables})
    anna.post(f"{path}/versions", {"name": "one"})
    saved = save(anna, workflow, 1, a_node("web", replicas=-1))
    stale = save(anna, workflow, 1, a_node("web", replicas=9))
    owns(environment)
    mongo.workflows.update_one(
        {}, {"$set": {"last_run": {"id": ObjectId(), "number": 1, "state": "failed", "finished_at": None}}}
    )
    asked = anna.delete(path)

    answers = [
        (workflows.WorkflowSerializer(), anna.get(path)),
        (workflows.WorkflowSerializer(many=True), anna.get("workflows")),
        (graphs.GraphSerializer(), anna.get(f"{path}/graph")),
        (graphs.SavedGraphSerializer(), saved),
        (graphs.StaleGraphSerializer(), stale),
        (graphs.ProblemsSerializer(), anna.post(f"{path}/validate", graph)),
        (graphs.ManifestsSerializer(), anna.post(f"{path}/manifests", graph)),
        (versions.VersionSerializer(many=True), anna.get(f"{path}/versions")),
        (versions.VersionWithGraphSerializer(), anna.get(f"{path}/versions/1")),
        (versions.ComparisonSerializer(), anna.get(f"{path}/versions/compare?from=1&to=current")),
        (environments.EnvironmentSerializer(), anna.get(f"environments/{environment['id']}")),
        (environments.EnvironmentSerializer(many=True), anna.get(f"{path}/environments")),
        (environments.InventorySerializer(), anna.get(f"environments/{environment['id']}/inventory")),
        (environments.SecretsSerializer(), anna.get(f"{path}/secrets?environment={environment['id']}")),
        (removal.OwnsObjectsSerializer(), asked),
        (versions.RestoredSerializer(), anna.post(f"{path}/versions/1/restore")),
    ]

    for shape, answer in answers:
        assert answer.status in (200, 409), answer.body
        value = answer.body["results"] if isinstance(shape, ListSerializer) else answer.body
        assert value, shape
        assert differences(shape, value) == [], shape


def test_statuses_have_the_fields_their_schema_declares():
    from workflows.serializers import statuses
    from workflows.statuses import node_status

    for written, declared in (
        (node_status.NodeStatus, statuses.NodeStatusSerializer),
        (node_status.ObjectStatus, statuses.ObjectStatusSerializer),
    ):
        assert set(written.__annotations__) == set(declared().fields)


NONSENSE: list[Any] = [
    None,
    [],
    "x",
    {},
    {"$ne": 1},
    {"name": {"$gt": ""}},
    {"name": "x" * 100_000},
    {"name": "a\u202eb", "tag": "🙂", "description": "\r\n\t"},
    {"nodes": {"length": 1}, "edges": None, "rev": 10**30},
    {"nodes": [{"id": "a", "kind": ["deployment"], "name": 5, "position": [], "parameters": {"": {"a.b": 1}}}]},
    {"nodes": [{"id": "a", "kind": "deployment", "name": "a", "parameters": {"image": {"x": [[]]}}}], "edges": [1]},
    {"nodes": [{"id": "a", "kind": "deployment", "name": "a", "parameters": {"image": {"x": [[]]}}}], "rev": 1},
    {"environment": "0" * 24, "node_id": "\u0001", "cluster": "x", "namespace": [], "variables": 3},
    {"file": "nodes: [" * 2000, "environment": {"cluster": 1}},
    {"objects": ["destroy"], "volumes": {"a": 1}},
    {"file": "nodes: []\nname: 5"},
    b"\x00\xff",
]  # fmt: skip
ROUTES = [
    ("POST", "workflows"),
    ("POST", "workflows/import"),
    ("PATCH", "{workflow}"),
    ("DELETE", "{workflow}"),
    ("PUT", "{workflow}/graph"),
    ("POST", "{workflow}/validate"),
    ("POST", "{workflow}/manifests"),
    ("POST", "{workflow}/clone"),
    ("POST", "{workflow}/unarchive"),
    ("POST", "{workflow}/versions"),
    ("PATCH", "{workflow}/versions/1"),
    ("POST", "{workflow}/versions/1/restore"),
    ("POST", "{workflow}/environments"),
    ("PATCH", "environments/{environment}"),
    ("DELETE", "environments/{environment}"),
    ("DELETE", "{workflow}/secrets?environment={environment}"),
    ("POST", "{workflow}/archive"),
    ("GET", "workflows?search=%5B%28%2A&tag=%24ne&team=x&cursor=AAAA"),
    ("GET", "workflows?sort=-name&limit=1e9"),
    ("GET", "{workflow}/versions/compare?from=%00&to=99999999999999999999"),
    ("GET", "{workflow}/secrets?environment=%24"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_no_malformed_request_causes_a_server_error(anna: Person, method: str, route: str):
    workflow = a_workflow(anna, a_node("web"))
    anna.post(f"workflows/{workflow['id']}/versions", {"name": "one"})
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    path = route.format(workflow=f"workflows/{workflow['id']}", environment=environment["id"])

    for body in NONSENSE:
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        answer = anna.call(method, path, sent)
        assert answer.status < 500, (body, answer.body)
        if answer.status >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.body["code"]
