"""Values of a Secret typed into a drawing: refused by whatever stores drawings, so that none ever stands in clear."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kubeorch.base.yaml_writing import dump
from tests.support.database import collections_of
from tests.support.people import Answer, Person, a_user
from tests.support.workflows import a_node, a_workflow, save

VALUE = "correct-horse-battery"
NODE = {
    **a_node("creds", kind="manifest", manifest=f"apiVersion: v1\nkind: Secret\nstringData: {{password: {VALUE}}}"),
}
PLACE = "nodes.creds.parameters.manifest.stringData"


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor")


def is_refused(answer: Answer, mongo: Any) -> None:
    assert answer.status == 400, answer.body
    [row] = answer.body["errors"]
    assert (row["code"], row["field"]) == ("graph.secret_values", PLACE)
    assert "draw a Secret node" in row["detail"]
    assert VALUE not in json.dumps(answer.body)
    assert not stands_anywhere(mongo), "it was stored"


def stands_anywhere(mongo: Any) -> list[str]:
    """Collections that hold the value, as it is or in base64."""
    marks = (VALUE, base64.b64encode(VALUE.encode()).decode())
    return [
        name for name in collections_of(mongo) if any(mark in repr(row) for row in mongo[name].find() for mark in marks)
    ]


def test_a_save_is_refused(anna: Person, mongo: Any) -> None:
    workflow = a_workflow(anna, a_node("web"))
    is_refused(save(anna, workflow, 1, NODE), mongo)


def test_a_new_workflow_is_refused(anna: Person, mongo: Any) -> None:
    is_refused(anna.post("workflows", {"name": "shop", "graph": {"nodes": [NODE], "edges": []}}), mongo)


def test_an_imported_file_is_refused(anna: Person, mongo: Any) -> None:
    file = dump({"workflow": 1, "name": "shop", "nodes": [NODE], "edges": []})
    is_refused(anna.post("workflows/import", {"file": file}), mongo)


def test_a_version_from_before_is_not_restored(anna: Person, mongo: Any) -> None:
    workflow = a_workflow(anna, a_node("web"))
    path = f"workflows/{workflow['id']}/versions"
    assert anna.post(path, {"name": "old"}).status == 201
    mongo.versions.update_one({"number": 1}, {"$set": {"nodes": [NODE]}})

    refused = anna.post(f"{path}/1/restore", None)

    assert refused.status == 400, refused.body
    assert refused.body["errors"][0]["code"] == "graph.secret_values"
    assert stands_anywhere(mongo) == ["versions"]


def test_a_copy_of_a_workflow_from_before_is_refused(anna: Person, mongo: Any) -> None:
    workflow = a_workflow(anna, a_node("web"))
    mongo.workflows.update_one({}, {"$set": {"nodes": [NODE]}})

    refused = anna.post(f"workflows/{workflow['id']}/clone", {"name": "copy"})

    assert refused.status == 400, refused.body
    assert refused.body["errors"][0]["code"] == "graph.secret_values"
    assert mongo.workflows.count_documents({}) == 1


def test_an_undeclared_parameter_of_a_secret_node_is_not_saved(anna: Person, mongo: Any) -> None:
    workflow = a_workflow(anna, a_node("web"))
    for parameters in ({"data": {"pw": VALUE}}, {"keys": {"pw": VALUE}}, {"type": VALUE}):
        refused = save(anna, workflow, 1, a_node("creds", kind="secret", **parameters))
        assert refused.status == 400, refused.body
        assert [row["code"] for row in refused.body["errors"]] == ["graph.secret_values"]
        assert VALUE not in json.dumps(refused.body)
    assert not stands_anywhere(mongo)
