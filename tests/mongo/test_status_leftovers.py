"""Statuses end with what they are about: with the environment, and where it stands on another cluster."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_workflow, an_environment
from workflows.statuses.leftovers import remove_leftovers


def a_status(mongo: Any, environment: dict[str, Any], node: str, *, cluster: ObjectId | None = None) -> None:
    environment_id = ObjectId(environment["id"])
    mongo.node_statuses.insert_one(
        {
            "_id": f"{environment_id}/{node}",
            "environment_id": environment_id,
            "cluster_id": cluster or ObjectId(environment["cluster"]["id"]),
            "node_id": node,
            "status": {"node_id": node, "health": "healthy", "stale_since": None, "rev": 7, "objects": []},
            "rev": 7,
        }
    )


def left(mongo: Any) -> list[str]:
    return sorted(row["node_id"] for row in mongo.node_statuses.find())


def two(person: Person) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A workflow with two environments."""
    workflow, cluster = a_workflow(person), a_cluster(person.team_id)
    return (
        workflow,
        an_environment(person, workflow, cluster, "one", name="one"),
        an_environment(person, workflow, cluster, "two", name="two"),
    )


def test_statuses_go_with_their_environment_and_with_their_workflow(mongo: Any) -> None:
    person = a_user("admin")
    workflow, one, other = two(person)
    a_status(mongo, one, "a")
    a_status(mongo, other, "b")
    assert person.call("DELETE", f"environments/{one['id']}").status in (200, 204)
    assert left(mongo) == ["b"]
    assert person.call("DELETE", f"workflows/{workflow['id']}").status in (200, 204)
    assert left(mongo) == []


def test_a_status_that_was_written_while_its_environment_was_removed_is_swept(mongo: Any) -> None:
    person = a_user("admin")
    _, one, other = two(person)
    assert person.call("DELETE", f"environments/{one['id']}").status in (200, 204)
    a_status(mongo, one, "a")
    a_status(mongo, other, "b")
    remove_leftovers()
    assert left(mongo) == ["b"]
    remove_leftovers()
    assert left(mongo) == ["b"]


def test_statuses_of_a_cluster_that_the_environment_has_left_are_swept_and_their_end_is_published(mongo: Any) -> None:
    person = a_user("admin")
    _, one, _ = two(person)
    a_status(mongo, one, "here")
    a_status(mongo, one, "there", cluster=ObjectId())
    remove_leftovers()
    assert left(mongo) == ["here"]
    [event] = mongo.events.find({"topic": f"environment:{one['id']}", "key": {"$regex": "^node:"}})
    assert (event["key"], event["data"], event["rev"]) == ("node:there", None, 8)


def test_the_sweep_reads_the_places_from_the_index_alone(mongo: Any) -> None:
    pipeline = [
        {"$sort": {"cluster_id": 1, "environment_id": 1}},
        {"$group": {"_id": {"environment": "$environment_id", "cluster": "$cluster_id"}}},
    ]
    plan = mongo.command(
        "explain", {"aggregate": "node_statuses", "pipeline": pipeline, "cursor": {}}, verbosity="queryPlanner"
    )
    assert "cluster_rev" in str(plan)
    assert "COLLSCAN" not in str(plan)
    assert "'FETCH'" not in str(plan)
