"""A cluster is held by environments of every team that may use it; afterwards the words say what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_config_map, a_workflow, an_environment, owns


def shared_with(mongo: Any, cluster: str, guest: Person, role: str = "editor") -> None:
    share = {"id": ObjectId(), "team_id": guest.team_id, "user_id": None, "name": "guests", "role": role}
    share |= {"namespaces": ["shop"], "unenforced": "x", "created_at": datetime.now(UTC), "created_by": "owner"}
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shares": [share]}})


@pytest.fixture
def guest(mongo: Any) -> Person:
    return a_user("operator", name="Guest")


@pytest.fixture
def owner(mongo: Any) -> Person:
    return a_user("admin", name="Owner")


@pytest.fixture
def cluster(mongo: Any, owner: Person, guest: Person) -> str:
    cluster = a_cluster(owner.team_id)
    shared_with(mongo, cluster, guest)
    return cluster


@pytest.fixture
def environment(guest: Person, cluster: str) -> dict[str, Any]:
    workflow = a_workflow(guest, a_config_map("settings"))
    environment = an_environment(guest, workflow, cluster, "shop", "prod")
    owns(environment, kind="ConfigMap", name="settings", api_version="v1")
    return environment


def test_an_environment_of_a_team_with_a_share_holds_the_cluster(
    mongo: Any, owner: Person, guest: Person, cluster: str, environment: dict[str, Any]
) -> None:
    refused = owner.delete(f"clusters/{cluster}")
    assert (refused.status, refused.body["code"]) == (409, "cluster.in_use"), refused.body
    assert "1 of other teams" in refused.body["detail"]
    assert environment["id"] not in str(refused.body), "those of other teams are only counted"
    shared_with(mongo, cluster, guest, role="viewer")
    assert owner.delete(f"clusters/{cluster}").status == 204, "who may only look can do nothing there"


def test_what_is_said_of_a_cluster_that_was_disconnected_is_true(
    mongo: Any, owner: Person, guest: Person, cluster: str, environment: dict[str, Any]
) -> None:
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shares": []}})
    withdrawn = guest.delete(f"environments/{environment['id']}?objects=destroy")
    assert "no longer shared with your team" in withdrawn.body["detail"]
    assert owner.delete(f"clusters/{cluster}").status == 204

    refused = guest.delete(f"environments/{environment['id']}?objects=destroy")

    assert (refused.status, refused.body["code"]) == (409, "environment.out_of_reach")
    assert "was disconnected from KubeOrch" in refused.body["detail"]
    assert "share it again" not in refused.body["detail"]
    run = guest.post(f"workflows/{environment['workflow_id']}/runs", {"environment": environment["id"]})
    assert (run.status, run.body["code"]) == (403, "run.cluster_withdrawn")
    assert "was disconnected from KubeOrch; give the environment another cluster" in run.body["detail"]


def test_a_workflow_whose_objects_are_being_deleted_is_not_made_active(mongo: Any, owner: Person) -> None:
    workflow = a_workflow(owner, a_config_map("settings"))
    environment = an_environment(owner, workflow, a_cluster(owner.team_id), "shop", "prod")
    owns(environment, kind="ConfigMap", name="settings", api_version="v1")
    path = f"workflows/{workflow['id']}"
    archived = owner.post(f"{path}/archive", {"objects": "destroy"})
    assert archived.status in (200, 202), archived.body
    [run] = mongo.runs.find({})

    refused = owner.post(f"{path}/unarchive")

    assert (refused.status, refused.body["code"]) == (409, "workflow.being_deleted"), refused.body
    said = (
        f"the objects of “{workflow['name']}” in “prod” are being deleted by run {run['number']}; cancel that run first"
    )
    assert said in refused.body["detail"]
    assert owner.get(path).body["state"] == "archived"
    owner.post(f"runs/{run['_id']}/cancel")
    assert owner.post(f"{path}/unarchive").status == 200
