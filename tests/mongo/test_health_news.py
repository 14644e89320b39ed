"""Teams are told how their environments do, so that lists need not ask again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from clusters.watching.leases import lease_name
from kubeorch.base.clock import now
from kubeorch.mongo import lease
from tests.mongo.test_deployment_and_health import deploy, observed
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.watching import FixedView
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment
from workflows.statuses.health_news import HealthNews
from workflows.statuses.recorder import NodeStatuses
from workflows.statuses.unwatched import note_unwatched


class Scene:
    def __init__(self, mongo: Any, person: Person) -> None:
        self.mongo = mongo
        self.person = person
        self.workflow = a_workflow(person, a_node("web"))
        self.cluster_id = a_cluster(person.team_id)
        self.environment = an_environment(person, self.workflow, self.cluster_id)
        self.id = ObjectId(self.environment["id"])

    def told(self) -> list[dict[str, Any]]:
        query = {"topic": f"team:{self.person.team_id}", "key": f"environment:{self.id}"}
        return [event["data"] for event in self.mongo.events.find(query).sort("_id", 1)]

    def listed(self) -> Any:
        return self.person.get(f"workflows/{self.workflow['id']}").body["environments"][0]["health"]


@pytest.fixture
def scene(mongo: Any) -> Scene:
    found = Scene(mongo, a_user("editor"))
    deploy(found.person, found.workflow, found.environment)
    return found


def test_a_team_is_told_what_its_lists_would_show_and_nothing_twice(mongo: Any, scene: Scene) -> None:
    news = HealthNews()
    for health in ((), ("healthy",), ("healthy",), ("healthy", "degraded")):
        observed(mongo, scene.environment, *health)
        news.tell([scene.id])
        assert scene.told()[-1]["health"] == scene.listed()
    assert [one["health"]["health"] for one in scene.told()] == ["unknown", "healthy", "degraded"]
    assert scene.told()[-1]["workflow_id"] == scene.workflow["id"]
    assert str(scene.told()[-1]["id"]) == scene.environment["id"]


def test_what_is_not_deployed_has_no_health_and_what_is_gone_is_not_told(mongo: Any, scene: Scene) -> None:
    mongo.environments.update_one({"_id": scene.id}, {"$set": {"deployed": None}})
    news = HealthNews()
    news.tell([scene.id, ObjectId()])
    assert scene.told() == []
    mongo.environments.update_one({"_id": scene.id}, {"$set": {"deployed": {"version": 1}}})
    news.tell([scene.id])
    mongo.environments.update_one({"_id": scene.id}, {"$set": {"deployed": None}})
    news.tell([scene.id])
    assert [one["health"] and one["health"]["health"] for one in scene.told()] == ["unknown", None]


@pytest.fixture
def recorder(scene: Scene) -> Any:
    found = NodeStatuses(ObjectId(scene.cluster_id), lambda environment_id: None, HealthNews())
    found.begin(FixedView(ObjectId(scene.cluster_id)))
    yield found
    found.end()


def test_what_a_watcher_records_or_marks_stale_is_told(mongo: Any, scene: Scene, recorder: NodeStatuses) -> None:
    from tests.support.runs import observation

    ref = {"api_version": "apps/v1", "kind": "Deployment", "namespace": "dev", "name": "web"}
    place = {"environment_id": scene.id, "cluster_id": ObjectId(scene.cluster_id), "node_id": "web"}
    mongo.inventory.insert_one(
        {**place, "ref": ref, "uid": "u", "resource_version": "1", "state": "applied", "applied_at": now()}
    )
    recorder.record(observation(str(scene.id), "degraded", "it crashes"), None)
    until(lambda: [one["health"]["health"] for one in scene.told()] == ["degraded"], what="the team is told")
    assert scene.told()[-1]["health"]["reason"] == "Deployment web: it crashes"
    recorder.mark_stale(now(), "it is silent")
    until(lambda: scene.told()[-1]["health"] == scene.listed(), what="the team is told")
    assert scene.listed()["health"] == "unknown"


def test_a_team_is_told_when_nobody_watches_a_cluster_any_more(mongo: Any, scene: Scene) -> None:
    observed(mongo, scene.environment, "healthy")
    mongo.node_statuses.update_many(
        {}, {"$set": {"cluster_id": ObjectId(scene.cluster_id), "rev": 1, "status.rev": 1, "status.objects": []}}
    )
    assert lease.acquire(lease_name(ObjectId(scene.cluster_id)), "a")
    mongo.leases.update_many({}, {"$set": {"until": now() - timedelta(seconds=5)}})
    note_unwatched()
    assert [one["health"]["health"] for one in scene.told()] == ["unknown"]
