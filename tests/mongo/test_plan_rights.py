"""Plans: whose cluster may be asked, what stays while a run needs it, and what making one writes."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.people import Person, a_user
from tests.support.workflows import a_cluster, a_node, a_workflow, an_environment


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture
def workflow(anna: Person) -> dict[str, Any]:
    return a_workflow(anna, a_node("web"))


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan of no object, for which no cluster is asked."""
    from workflows.domain.rendering.budget import Deletions
    from workflows.plans import actions
    from workflows.plans.making import Made

    monkeypatch.setattr(actions, "make", lambda *_: Made((), (), Deletions(0, 10), ""))


def planned(person: Person, workflow: dict[str, Any], environment: dict[str, Any]) -> str:
    answer = person.post(f"workflows/{workflow['id']}/plans", {"environment": environment["id"]})
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def start(person: Person, workflow: dict[str, Any], plan: str, **given: Any) -> Any:
    return person.post(f"workflows/{workflow['id']}/runs", {"plan": plan, **given})


def test_a_cluster_that_is_no_longer_shared_is_not_asked_about_a_plan_from_before(
    anna: Person, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import judging

    asked: list[Any] = []

    class _Client:
        def while_alive(self, _: Any) -> _Client:
            return self

    def client_for(cluster_id: Any) -> Any:
        asked.append(cluster_id)
        return _Client()

    monkeypatch.setattr(judging, "client_for", client_for)
    monkeypatch.setattr(judging, "moved_in", lambda *_: [])
    cluster = a_cluster(anna.team_id, shared=True)
    guest = a_user("editor", name="Guest")
    workflow = a_workflow(guest, a_node("web"))
    plan = planned(guest, workflow, an_environment(guest, workflow, cluster))
    assert guest.get(f"plans/{plan}").body["still_true"]
    asked.clear()
    mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"shared": False}})

    shown = guest.get(f"plans/{plan}").body

    assert not asked, "the cluster was asked with its owner's credentials"
    assert not shown["still_true"]
    assert "no longer shared" in shown["moved"][0]["what"]
    assert start(guest, workflow, plan).status in (403, 409)
    assert not asked


def test_a_plan_stays_while_a_run_of_it_is_open_however_many_others_plan(
    anna: Person, workflow: Any, mongo: Any, monkeypatch: pytest.MonkeyPatch
):
    from workflows.plans import actions, store

    monkeypatch.setattr(actions, "moved", lambda *_: [])
    monkeypatch.setattr(store, "KEPT", 2)
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    plan = planned(anna, workflow, environment)
    run = start(anna, workflow, plan, idempotency_key="k")
    assert run.status == 202, run.body
    viewer = a_user("viewer", team=anna.team_id)

    for _ in range(4):
        planned(viewer, workflow, environment)

    assert anna.get(f"plans/{plan}").status == 200, "the run would fail, since its plan is gone"
    assert start(anna, workflow, plan, idempotency_key="k").body["id"] == run.body["id"]
    assert mongo.plans.count_documents({}) == 3
    assert anna.post(f"runs/{run.body['id']}/cancel").body["state"] == "canceled"
    planned(viewer, workflow, environment)
    assert mongo.plans.count_documents({}) == 2


def test_who_may_only_read_makes_no_version_and_locks_nothing_where_there_is_a_version(
    anna: Person, workflow: Any, mongo: Any
):
    environment = an_environment(anna, workflow, a_cluster(anna.team_id))
    planned(anna, workflow, environment)
    before = mongo.workflows.find_one({"_id": ObjectId(workflow["id"])})

    planned(a_user("viewer", team=anna.team_id), workflow, environment)

    assert mongo.workflows.find_one({"_id": ObjectId(workflow["id"])}) == before
    assert mongo.versions.count_documents({}) == 1


def test_plans_go_with_their_workflow_and_their_environment(anna: Person, workflow: Any, mongo: Any):
    cluster = a_cluster(anna.team_id)
    environment = an_environment(anna, workflow, cluster)
    other = an_environment(anna, workflow, cluster, "other", "other")
    planned(anna, workflow, environment)
    kept = planned(anna, workflow, other)

    assert anna.delete(f"environments/{environment['id']}?objects=keep").status in (200, 204)
    assert [str(row["_id"]) for row in mongo.plans.find({})] == [kept]

    assert anna.delete(f"workflows/{workflow['id']}?objects=keep").status in (200, 204)
    assert mongo.plans.count_documents({}) == 0
