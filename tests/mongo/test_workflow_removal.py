"""Archiving and deleting what owns objects: destroy runs first, then what is left goes; and saves are never lost."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.support.people import Person, a_user
from tests.support.searches import searched
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment, graph_of, owns, save


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def shop(anna: Person) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A workflow with two environments, each owning a Deployment and a claim."""
    workflow, cluster = a_workflow(anna, a_node("web")), a_cluster(anna.team_id)
    environments = [an_environment(anna, workflow, cluster, name, name) for name in ("test", "prod")]
    for environment in environments:
        owns(environment)
        owns(environment, "PersistentVolumeClaim", "data", "v1")
    return workflow, environments


def succeed(mongo: Any, run_id: str, *, keeping_volumes: bool = True) -> bool:
    """What a worker does at the end of a destroy run: the inventory empties, then the last action."""
    from workflows.domain.run_options import RunOptions
    from workflows.removal import after_destroy
    from workflows.runs.ending import end_run
    from workflows.runs.states import RunState, Who

    run = mongo.runs.find_one_and_update({"_id": ObjectId(run_id)}, {"$set": {"state": "applying"}})
    gone = {"ref.kind": {"$ne": "PersistentVolumeClaim"}} if keeping_volumes else {}
    mongo.inventory.delete_many({"environment_id": run["environment_id"], **gone})
    removed = []

    def then(run: Any, session: Any) -> None:
        removed.append(after_destroy(run["environment_id"], RunOptions.of(run).remove, session))

    assert end_run(run, RunState.SUCCEEDED, Who.HOLDER, fence=run["fence"], then=then)
    return bool(removed[-1])


def fail(mongo: Any, run_id: str) -> None:
    from workflows.runs.ending import end_run
    from workflows.runs.states import RunState, Who

    run = mongo.runs.find_one({"_id": ObjectId(run_id)})
    assert end_run(run, RunState.FAILED, Who.QUEUE, fence=run["fence"])


def test_deleting_with_destroy_runs_once_for_each_environment_and_the_last_removes_the_workflow(
    anna: Person, shop: Any, mongo: Any
):
    workflow, environments = shop

    answer = anna.delete(f"workflows/{workflow['id']}?objects=destroy")

    assert answer.status == 202, answer.body
    runs = answer.body["runs"]
    assert [run["environment_id"] for run in runs] == [environment["id"] for environment in environments]
    stored = list(mongo.runs.find().sort("number"))
    assert [(run["kind"], run["options"]["delete_volumes"]) for run in stored] == [("destroy", False)] * 2
    assert anna.get(f"workflows/{workflow['id']}").body["state"] == "archived"
    assert succeed(mongo, runs[0]["id"]) is False
    assert anna.get(f"workflows/{workflow['id']}").status == 200
    assert succeed(mongo, runs[1]["id"]) is True
    assert anna.get(f"workflows/{workflow['id']}").status == 404
    for name in ("workflows", "environments", "inventory", "runs", "namespaces"):
        assert mongo[name].count_documents({}) == 0, name


def test_a_workflow_stays_while_another_environment_still_owns_objects_to_destroy(anna: Person, shop: Any, mongo: Any):
    workflow, _ = shop
    first, second = anna.delete(f"workflows/{workflow['id']}?objects=destroy").body["runs"]
    fail(mongo, first["id"])

    assert succeed(mongo, second["id"]) is False

    assert anna.get(f"workflows/{workflow['id']}").body["state"] == "archived"


def test_a_workflow_stays_while_a_stateful_set_of_another_environment_is_left(anna: Person, shop: Any, mongo: Any):
    """Its claims would be kept, but a destroy run deletes the set itself."""
    workflow, environments = shop
    first, second = anna.delete(f"workflows/{workflow['id']}?objects=destroy").body["runs"]
    fail(mongo, first["id"])
    mongo.inventory.delete_many({"environment_id": ObjectId(environments[0]["id"])})
    owns(environments[0], "StatefulSet", "db", holds_data=True)

    assert succeed(mongo, second["id"]) is False

    assert anna.get(f"workflows/{workflow['id']}").body["state"] == "archived"


@pytest.mark.parametrize(("volumes", "deletes"), [("", False), ("&volumes=keep", False), ("&volumes=delete", True)])
def test_volumes_are_deleted_only_when_asked(anna: Person, shop: Any, mongo: Any, volumes: str, deletes: bool):
    workflow, _ = shop

    anna.delete(f"workflows/{workflow['id']}?objects=destroy{volumes}")

    assert {run["options"]["delete_volumes"] for run in mongo.runs.find()} == {deletes}


def test_the_choice_may_come_in_the_body_too(anna: Person, shop: Any, mongo: Any):
    workflow, _ = shop

    assert anna.delete(f"workflows/{workflow['id']}", {"objects": "destroy", "volumes": "delete"}).status == 202
    assert {run["options"]["delete_volumes"] for run in mongo.runs.find()} == {True}


def test_archiving_with_destroy_keeps_the_workflow(anna: Person, shop: Any, mongo: Any):
    workflow, _ = shop

    archived = anna.post(f"workflows/{workflow['id']}/archive", {"objects": "destroy"})

    assert archived.body["state"] == "archived"
    assert len(list(mongo.runs.find({"kind": "destroy"}))) == 2
    for run in list(mongo.runs.find()):
        assert succeed(mongo, str(run["_id"])) is False
    assert anna.get(f"workflows/{workflow['id']}").status == 200


def test_removing_an_environment_with_destroy_removes_it_after_its_run(anna: Person, shop: Any, mongo: Any):
    workflow, (first, second) = shop

    answer = anna.delete(f"environments/{first['id']}?objects=destroy")

    assert answer.status == 202, answer.body
    [run] = answer.body["runs"]
    assert succeed(mongo, run["id"]) is True
    assert anna.get(f"environments/{first['id']}").status == 404
    assert anna.get(f"environments/{second['id']}").status == 200
    assert anna.get(f"workflows/{workflow['id']}").status == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "workflows/{workflow}/archive", {"objects": "destroy"}),
        ("DELETE", "workflows/{workflow}?objects=destroy", None),
    ],
)
def test_when_one_destroy_run_cannot_start_nothing_has_changed(
    anna: Person, shop: Any, mongo: Any, method: str, path: str, body: Any
):
    """Two runs are needed; the number of the second is taken, so that the database refuses it."""
    workflow, _ = shop
    workflow_id = ObjectId(workflow["id"])
    mongo.runs.insert_one({"workflow_id": workflow_id, "number": 2, "environment_id": ObjectId(), "state": "failed"})
    before = anna.get(f"workflows/{workflow['id']}").body

    answer = anna.call(method, path.format(workflow=workflow["id"]), body)

    assert answer.status == 500
    assert anna.get(f"workflows/{workflow['id']}").body == before
    assert mongo.runs.count_documents({"kind": "destroy"}) == 0
    assert mongo.jobs.count_documents({}) == 0


def test_an_environment_stays_idle_when_its_destroy_run_cannot_start(anna: Person, shop: Any, mongo: Any):
    workflow, (first, _) = shop
    workflow_id = ObjectId(workflow["id"])
    mongo.runs.insert_one({"workflow_id": workflow_id, "number": 1, "environment_id": ObjectId(), "state": "failed"})

    assert anna.delete(f"environments/{first['id']}?objects=destroy").status == 500

    assert anna.get(f"environments/{first['id']}").body == first
    assert mongo.jobs.count_documents({}) == 0


def test_an_archived_workflow_starts_no_run(anna: Person, mongo: Any):
    workflow = a_workflow(anna, a_node("web"))
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    anna.post(f"workflows/{workflow['id']}/archive")

    refused = anna.post(f"workflows/{workflow['id']}/runs", {"environment": environment["id"]})

    assert (refused.status, refused.body["code"]) == (409, "workflow.archived")


edits = st.lists(
    st.tuples(
        st.sampled_from(["anna", "bert"]),
        st.sampled_from(["replicas", "add", "remove", "move", "nothing"]),
        st.integers(0, 3),
        st.booleans(),
    ),
    max_size=12,
)


@searched(25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=edits)
def test_no_accepted_save_is_lost_whatever_two_people_edit(mongo: Any, edits: list[tuple[str, str, int, bool]]):
    """Each edits a copy they read some time ago. A save either stands whole, or is refused and changes nothing."""
    anna = a_user("editor")
    people = {"anna": anna, "bert": a_user("editor", team=anna.team_id)}
    workflow = a_workflow(anna, a_node("web", replicas=1))
    stands = {"rev": 1, "nodes": [a_node("web", replicas=1)]}
    copies = {name: dict(stands) for name in people}

    for who, what, number, read_first in edits:
        if read_first:
            seen = graph_of(people[who], workflow)
            assert (seen["rev"], seen["nodes"]) == (stands["rev"], stands["nodes"])
            copies[who] = {"rev": seen["rev"], "nodes": seen["nodes"]}
        copy = copies[who]
        nodes = edited(copy["nodes"], what, number)
        answer = save(people[who], workflow, copy["rev"], *nodes)
        if nodes == stands["nodes"]:
            assert (answer.status, answer.body["rev"]) == (200, stands["rev"])
        elif copy["rev"] == stands["rev"]:
            assert (answer.status, answer.body["rev"]) == (200, stands["rev"] + 1)
            stands = {"rev": stands["rev"] + 1, "nodes": nodes}
        else:
            assert answer.status == 409
            assert answer.body["current"]["rev"] == stands["rev"]
            assert answer.body["current"]["nodes"] == stands["nodes"]
            continue
        copies[who] = {"rev": answer.body["rev"], "nodes": nodes}

    final = graph_of(anna, workflow)
    assert (final["rev"], final["nodes"]) == (stands["rev"], stands["nodes"])


def edited(nodes: list[dict[str, Any]], what: str, number: int) -> list[dict[str, Any]]:
    if what == "add" and all(node["id"] != f"n{number}" for node in nodes):
        return [*nodes, a_node(f"n{number}")]
    if what == "remove":
        return [node for index, node in enumerate(nodes) if index != number]
    if what == "move":
        return [{**node, "position": {"x": number, "y": number}} for node in nodes]
    if what == "replicas":
        return [{**node, "parameters": {**node["parameters"], "replicas": number}} for node in nodes]
    return nodes
